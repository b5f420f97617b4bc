import { setImmediate as nextTurn } from 'node:timers/promises'
import type { RawClient, TestGateway } from '@gatewright/testing'
import { expect } from 'vitest'
import { type EchoUpstream, echoOf, type Seen, settle } from './echo-upstream.ts'
import { isKnownToLlhttp, readByLlhttp } from './llhttp-reader.ts'
import { type RequestRow, request } from './request-row.ts'
import { summaryOf } from './strict-reader.ts'

/** How the bytes of a row are sent. */
export type Pace = 'in one piece' | 'byte by byte'

/** Of long rows, so much at both ends goes byte by byte, and what is between in one piece. */
const singleBytes = 250

/** What came of a row. */
export interface Outcome {
  /** What the client got. */
  readonly statuses: readonly number[]
  /** What reached the upstream, later requests that must get through included. */
  readonly reached: readonly string[]
}

/** What must come of a row. */
export function expectedOutcome(row: RequestRow, pace: Pace): Outcome {
  const after = row.ends === 'open' ? ['GET /after -'] : []
  // An upload that was answered early may or may not have been finished before.
  const reaches = row.cut ? row.reaches.filter((each) => !isEarly(each)) : row.reaches
  return { statuses: statusesOf(row, pace), reached: [...reaches, ...after, 'GET /canary -'] }
}

/**
 * Sends a row to a gateway and looks at both ends: at what the client gets, what reaches the
 * upstream, and that strangers are served as if nothing had happened.
 */
export async function runRequestRow(
  row: RequestRow,
  pace: Pace,
  gateway: TestGateway,
  upstream: EchoUpstream,
): Promise<Outcome> {
  using client = await gateway.connect()
  await sendAt(pace, client, row.sends)
  const answers = await readAnswers(client, statusesOf(row, pace), row)
  if (row.ends === 'open') await expectAnswer(client, 'GET /after -')
  if (row.ends === 'closed') expect(await client.readToEnd()).toHaveLength(0)
  await expectCanary(gateway)
  if (row.ends === 'waits') {
    client.end()
    expect((await client.readToEnd()).toString('latin1')).toBe('')
  }
  await settle()
  const seen = await upstream.look()
  await expectUnambiguous(seen, row.cut)
  expectFields(row, seen)
  expect(bodiesOf(answers, row)).toEqual(echoesOf(row))
  const found = seen.requests.map(summaryOf)
  const reached = row.cut ? found.filter((each) => !isEarly(each)) : found
  return { statuses: answers.map(({ status }) => status), reached }
}

/** Sends bytes in the given way. */
export async function sendAt(
  pace: Pace,
  to: Pick<RawClient, 'send'>,
  bytes: string,
): Promise<void> {
  if (pace === 'in one piece') return to.send(bytes)
  for (const piece of piecesOf(bytes)) {
    await to.send(piece)
    await nextTurn()
  }
}

/** A client that has nothing to do with the row gets the answer to its own request. */
export async function expectCanary(gateway: TestGateway): Promise<void> {
  using stranger = await gateway.connect()
  await expectAnswer(stranger, 'GET /canary -')
}

/** Sends the request of a summary and expects its answer. */
export async function expectAnswer(client: RawClient, summary: string): Promise<void> {
  const [method, target] = summary.split(' ')
  await client.send(request(`${method} ${target} HTTP/1.1`, 'Host: a'))
  const response = await client.readResponse()
  expect(response.body.toString('latin1')).toBe(echoOf(summary))
}

interface Answer {
  readonly status: number
  readonly body: string
}

async function readAnswers(
  client: RawClient,
  statuses: readonly number[],
  { methods }: RequestRow,
): Promise<Answer[]> {
  const answers: Answer[] = []
  const finals = statuses.filter((status) => status >= 200).length
  for (let i = 0; i < finals; i++) {
    const response = await client.readResponse({ method: methods[i] ?? 'GET' })
    for (const { status } of response.interim) answers.push({ status, body: '' })
    answers.push({ status: response.status, body: response.body.toString('latin1') })
  }
  return answers
}

function bodiesOf(answers: readonly Answer[], { methods }: RequestRow): string[] {
  const finals = answers.filter(({ status }) => status >= 200)
  return finals
    .filter(({ status }, i) => status === 200 && methods[i] !== 'HEAD')
    .map(({ body }) => body)
    .filter((body) => !body.includes(' /early'))
}

function echoesOf({ reaches }: RequestRow): string[] {
  return reaches.filter((summary) => !summary.startsWith('HEAD ') && !isEarly(summary)).map(echoOf)
}

/** Another parser finds the same messages in the same bytes, and nothing is left over. */
export async function expectUnambiguous(seen: Seen, cut: boolean): Promise<void> {
  expect(seen.cut).toBeLessThanOrEqual(cut ? 1 : 0)
  const found = seen.requests.map(summaryOf)
  if (!found.every(isKnownToLlhttp)) return
  // Connections are used one after the other, but not always the same.
  const read = await Promise.all(seen.bytes.map(readByLlhttp))
  expect(read.flat().toSorted()).toEqual(found.toSorted())
}

function statusesOf({ gets, slowly }: RequestRow, pace: Pace): readonly number[] {
  return pace === 'in one piece' ? gets : (slowly ?? gets)
}

function expectFields({ has, lacks }: RequestRow, { requests: [first] }: Seen): void {
  const lines = first?.fields.map(([name, value]) => `${name}: ${value}`) ?? []
  expect(lines).toEqual(expect.arrayContaining([...has]))
  const names = first?.fields.map(([name]) => name) ?? []
  expect(names.filter((name) => lacks.includes(name))).toEqual([])
}

function isEarly(summary: string): boolean {
  return summary.split(' ')[1]?.startsWith('/early') === true
}

function piecesOf(bytes: string): string[] {
  if (bytes.length <= 2 * singleBytes) return bytes.split('')
  const first = bytes.slice(0, singleBytes).split('')
  const last = bytes.slice(-singleBytes).split('')
  return [...first, bytes.slice(singleBytes, -singleBytes), ...last]
}
