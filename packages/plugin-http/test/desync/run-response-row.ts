import type { Socket } from 'node:net'
import type { RawClient, RawResponse, TestGateway } from '@gatewright/testing'
import { expect } from 'vitest'
import { closing, type EchoUpstream, settle } from './echo-upstream.ts'
import { request } from './request-row.ts'
import type { ResponseRow } from './response-row.ts'
import { expectAnswer, expectCanary, type Pace, sendAt } from './run-request-row.ts'
import { summaryOf } from './strict-reader.ts'

/** What came of a row. */
export interface ResponseOutcome {
  readonly gets: string
  readonly reused: boolean
  /** Field lines that were expected and are not there, and names that are there and should not. */
  readonly wrong: readonly string[]
}

/**
 * Lets the upstream answer with a row and looks at both ends: at what the client gets, and at what
 * the next ones get, each of which must be the answer to its own request.
 */
export async function runResponseRow(
  row: ResponseRow,
  pace: Pace,
  gateway: TestGateway,
  upstream: EchoUpstream,
): Promise<ResponseOutcome> {
  const played = Promise.withResolvers<void>()
  upstream.play((socket) => played.resolve(playRow(socket, row, pace)))
  using client = await gateway.connect()
  await client.send(request(`${row.method} /row HTTP/1.1`, 'Host: a'))
  const response = await readWhole(client, row)
  // Bytes behind a response that come later must not be waited for by anybody else.
  await played.promise
  await settle()
  const persists = response !== undefined && response.headers['connection'] !== 'close'
  using after = persists ? undefined : await gateway.connect()
  await expectAnswer(after ?? client, 'GET /after -')
  await expectCanary(gateway)
  const { requests, sockets } = await upstream.look()
  expect(requests.map(summaryOf)).toEqual([`${row.method} /row -`, 'GET /after -', 'GET /canary -'])
  const [first, second] = sockets
  const reused = first === second
  if (!reused && first !== undefined) await closing(first)
  return { gets: describe(response), reused, wrong: wrongFields(row, response) }
}

async function playRow(socket: Socket, row: ResponseRow, pace: Pace): Promise<void> {
  const send = async (bytes: string | Uint8Array): Promise<void> => {
    if (socket.destroyed) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const content = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
    // The gateway may close at any byte.
    socket.write(content, () => resolve())
    await promise
  }
  await sendAt(pace, { send }, row.answers)
  if (row.closes) socket.end()
}

/** `undefined` if the connection ends before the response does. */
async function readWhole(
  client: RawClient,
  { method }: ResponseRow,
): Promise<RawResponse | undefined> {
  try {
    return await client.readResponse({ method })
  } catch (error) {
    expect(error).toMatchObject({ code: 'GW_TESTING_CONNECTION_LOST' })
    return undefined
  }
}

function describe(response: RawResponse | undefined): string {
  if (response === undefined) return 'cut'
  const { status, body, interim } = response
  const isError = response.headers['content-type'] === 'application/problem+json'
  const content = isError || body.length === 0 ? [] : [body.toString('latin1')]
  return [...interim.map((head) => head.status), status, ...content].join(' ')
}

function wrongFields({ has, lacks }: ResponseRow, response: RawResponse | undefined): string[] {
  const lines: string[] = []
  const fields = response?.rawHeaders ?? []
  for (let i = 0; i < fields.length; i += 2) {
    lines.push(`${fields[i]?.toLowerCase()}: ${fields[i + 1]}`)
  }
  const unwanted = lacks.filter((name) => lines.some((line) => line.startsWith(`${name}: `)))
  return [...has.filter((line) => !lines.includes(line)), ...unwanted]
}
