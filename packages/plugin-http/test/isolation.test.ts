import {
  chunked,
  type RawClient,
  type Reply,
  reply,
  requestBytes,
  startUpstream,
  type UpstreamRequest,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { type Front, startBehind } from './behind.ts'
import { Random } from './random.ts'

const exchanges = 2000
const clients = 40

describe(`${exchanges} exchanges of ${clients} clients at once`, () => {
  it('get nothing of each other, however they are split, pipelined and broken off', async () => {
    const random = new Random(7)
    await using upstream = await startUpstream((request) => answer(request, random))
    await using gateway = await startBehind(upstream)
    const ids = new Ids()
    const tally = { whole: 0, broken: 0 }

    await Promise.all(
      Array.from({ length: clients }, async () => {
        while (ids.left > 0) await useConnection(gateway, ids, random, tally)
      }),
    )

    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
    expect(tally.whole).toBeGreaterThan(exchanges / 2)
    expect(tally.broken).toBeGreaterThan(exchanges / 20)
    expect(gateway.endpoint().active).toBe(0)
    // What the upstream found wrong with a request would be here.
    expect(upstream.problems).toEqual([])
  })
})

class Ids {
  left = exchanges

  next(): number {
    return this.left--
  }
}

/** Several exchanges on one connection, some of them in advance of the responses. */
async function useConnection(
  gateway: Front,
  ids: Ids,
  random: Random,
  tally: { whole: number; broken: number },
): Promise<void> {
  using client = await gateway.connect()
  for (let turn = random.below(6); turn >= 0; turn--) {
    const batch = Array.from({ length: 1 + random.below(3) }, () => ids.next())
    const bytes = Buffer.concat(batch.map((id) => requestFor(id, random)))
    const broken = random.chance(0.1)
    const sent = broken ? bytes.subarray(0, random.below(bytes.length)) : bytes
    for (const piece of random.split(sent, 5)) void client.send(piece)
    if (broken) {
      tally.broken += batch.length
      if (random.chance(0.5)) client.reset()
      return
    }
    if (random.chance(0.1)) {
      tally.broken += batch.length
      return await breakOff(client, random)
    }
    for (const id of batch) {
      const response = await client.readResponse()
      expect(response.headers['x-id']).toBe(String(id))
      expectPattern(response.body, `down ${id} `)
      tally.whole++
    }
  }
}

/** Leaves within the first response. */
async function breakOff(client: RawClient, random: Random): Promise<void> {
  await client.readHead()
  if (random.chance(0.5)) client.reset()
}

function requestFor(id: number, random: Random): Buffer {
  if (random.chance(0.3))
    return requestBytes('GET', `/${id}`, 'h', { headers: { 'x-id': `${id}` } })
  const body = pattern(`up ${id} `, random.below(20_000))
  const pieces = random.split(body, 4).filter((piece) => piece.length > 0)
  const headers = { 'x-id': `${id}` }
  return requestBytes('POST', `/${id}`, 'h', { headers, body: random.chance(0.5) ? body : pieces })
}

/** Checks what arrived and answers with bytes that tell whose they are. */
function answer(request: UpstreamRequest, random: Random): Reply {
  const id = request.headers['x-id'] ?? ''
  expect(request.target).toBe(`/${id}`)
  expectPattern(request.body, `up ${id} `)
  const body = pattern(`down ${id} `, random.below(100_000))
  if (random.chance(0.5)) return reply(200, { 'x-id': id }, body)
  const pieces = random.split(body, 5).filter((piece) => piece.length > 0)
  return chunked(200, { 'x-id': id }, pieces)
}

function pattern(text: string, length: number): Buffer {
  return length === 0 ? Buffer.alloc(0) : Buffer.alloc(length, text)
}

function expectPattern(bytes: Buffer, text: string): void {
  expect(bytes.equals(pattern(text, bytes.length))).toBe(true)
}
