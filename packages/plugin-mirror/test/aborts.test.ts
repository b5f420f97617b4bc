import { once } from 'node:events'
import { connect } from 'node:net'
import {
  type Behaviour,
  chunked,
  closeAfterHead,
  closeBeforeResponse,
  early,
  type Reply,
  reply,
  resetAfter,
  startGateway,
  startUpstream,
  unread,
} from '@gatewright/testing'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { configOf, copiesOver, countsOf } from './shadowed.ts'

const exchanges = 2000
const atOnce = 50

describe('2,000 mirrored exchanges that break off at random', () => {
  const rejections: unknown[] = []
  const note = (reason: unknown): void => void rejections.push(reason)
  process.on('unhandledRejection', note)
  afterAll(() => void process.off('unhandledRejection', note))

  it.each([
    ['one connection each', ''],
    ['shared connections', 'pipeline = true'],
  ])('leave nothing behind, with %s to the shadow', { timeout: 60_000 }, async (_how, keys) => {
    const random = seeded(20_261_121)
    await using primary = await startUpstream(behaviours(random, common), { strict: false })
    await using shadow = await startUpstream(behaviours(random, [...common, ...stalls]), {
      strict: false,
    })
    const config = configOf({
      primary: primary.url,
      shadow: shadow.url,
      mirror: 'percentage = 90\nmax_inflight = 30\ntimeout = "30ms"\ncompare = true',
      middlewares: ['again'],
      blocks: 'middlewares "again" {\ntype = "retry"\nmax_retries = 1\nretry_interval_ms = 1\n}',
    }).replace(`[{ url = "${shadow.url}" }]`, `$&\n${keys}`)
    await using gateway = await startGateway(config)
    const counts = countsOf(gateway)
    let left = exchanges
    const client = async (): Promise<void> => {
      while (left-- > 0) {
        if (left % 500 === 0) await gateway.reload(config)
        await exchangeOrAbort(gateway.port(), random)
      }
    }

    await Promise.all(Array.from({ length: atOnce }, client))

    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0), { timeout: 10_000 })
    expect(counts.inFlight).toBe(0)
    const endpoints = ['shop', 'next'].map((name) => gateway.gateway.snapshot.services.get(name))
    expect(endpoints.map((service) => service?.pool.all[0]?.active)).toEqual([0, 0])
    expect(gateway.gateway.liveSnapshots).toBe(1)
    expect(countsOf(gateway)).toBe(counts)
    // Some requests break off before they are requests.
    expect(copiesOver(gateway)).toBeGreaterThan(exchanges / 3)
    for (const outcome of ['sent', 'dropped_body', 'timeout', 'failed'] as const) {
      expect([outcome, counts.outcomes[outcome]]).not.toContain(0)
    }
    expect(rejections).toEqual([])
  })
})

const common = [
  reply(200, {}, 'whole'),
  reply(200, {}, 'x'.repeat(100_000)),
  reply(503, {}, 'busy'),
  chunked(200, {}, ['a', 'b'.repeat(5000), 'c']),
  early(reply(413)),
  closeBeforeResponse(),
  closeAfterHead(),
  resetAfter(10, reply(200, {}, 'cut')),
  resetAfter(2000, reply(200, {}, 'x'.repeat(5000))),
]

const stalls = [
  unread(new Promise(() => undefined), reply()),
  chunked(200, {}, async function* stall(): AsyncGenerator<string> {
    yield 'some'
    await new Promise(() => undefined)
  }),
]

function behaviours(random: () => number, replies: readonly Reply[]): Behaviour {
  return () => replies[Math.floor(random() * replies.length)] ?? reply()
}

/** One request on its own connection; most are cut somewhere. */
async function exchangeOrAbort(port: number, random: () => number): Promise<void> {
  const body = 'y'.repeat(Math.floor(random() * 3000))
  const isUpload = random() < 0.5
  const head = isUpload
    ? `PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    : 'GET /a HTTP/1.1\r\nHost: h\r\n\r\n'
  const cut = random() < 0.5 ? Math.floor(random() * head.length) : head.length
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {
    // Being reset is one of the outcomes.
  })
  const closed = once(socket, 'close')
  socket.write(head.slice(0, cut))
  if (cut < head.length) {
    if (random() < 0.5) socket.resetAndDestroy()
    else socket.end()
  } else if (random() < 0.3) {
    socket.once('data', () => socket.resetAndDestroy())
  } else {
    socket.once('data', () => socket.destroy())
  }
  // A response that never comes ends with the connection too.
  socket.on('end', () => socket.destroy())
  socket.resume()
  await closed
}

/** mulberry32: the same numbers on every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
