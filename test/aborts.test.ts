import { once } from 'node:events'
import { connect } from 'node:net'
import { Gateway } from '@gatewright/kernel'
import { createLoader } from '@gatewright/standard'
import {
  type Behaviour,
  chunked,
  closeAfterHead,
  closeBeforeResponse,
  recordLogs,
  reply,
  resetAfter,
  startUpstream,
} from '@gatewright/testing'
import { afterAll, describe, expect, it, vi } from 'vitest'

const exchanges = 10_000
const atOnce = 50

describe('10,000 exchanges that break off at random', () => {
  const rejections: unknown[] = []
  const note = (reason: unknown): void => void rejections.push(reason)
  process.on('unhandledRejection', note)
  afterAll(() => void process.off('unhandledRejection', note))

  it('leave every counter at 0, no socket open and no rejection unhandled', {
    timeout: 120_000,
  }, async () => {
    const random = seeded(20_261_121)
    await using upstream = await startUpstream(behaviours(random), { strict: false })
    const gateway = new Gateway({
      loader: createLoader({ baseDir: import.meta.dirname }),
      log: recordLogs().log,
    })
    await gateway.start({
      entrypoints: { web: { address: '127.0.0.1:0' } },
      routers: { all: { rule: 'PathPrefix(`/`)', service: 'app', middlewares: ['again'] } },
      middlewares: { again: { type: 'retry', max_retries: 1, retry_interval_ms: 1 } },
      services: { app: { load_balancer: { servers: [{ url: upstream.url }] } } },
    })
    const port = gateway.addresses.get('web')?.port ?? 0
    const endpoint = gateway.snapshot.services.get('app')?.pool.all[0]
    let left = exchanges
    const client = async (): Promise<void> => {
      while (left-- > 0) await exchangeOrAbort(port, random)
    }

    await Promise.all(Array.from({ length: atOnce }, client))

    await vi.waitFor(() => expect(gateway.exchanges).toBe(0), { timeout: 10_000 })
    expect(upstream.requests.length).toBeGreaterThan(exchanges / 10)
    expect(endpoint?.active).toBe(0)
    expect(rejections).toEqual([])
    expect(gateway.liveSnapshots).toBe(1)
    await gateway.shutdown()
    await vi.waitFor(() => expect(upstream.connections.open).toBe(0), { timeout: 10_000 })
  })
})

function behaviours(random: () => number): Behaviour {
  const faults = [
    reply(200, {}, 'whole'),
    reply(200, {}, 'x'.repeat(100_000)),
    reply(503, {}, 'busy'),
    chunked(200, {}, ['a', 'b'.repeat(5000), 'c']),
    closeBeforeResponse(),
    closeAfterHead(),
    resetAfter(10, reply(200, {}, 'cut')),
    resetAfter(2000, reply(200, {}, 'x'.repeat(5000))),
  ]
  return () => faults[Math.floor(random() * faults.length)] ?? reply()
}

/** One request on its own connection; most are cut somewhere. */
async function exchangeOrAbort(port: number, random: () => number): Promise<void> {
  const body = 'y'.repeat(Math.floor(random() * 3000))
  const isUpload = random() < 0.5
  const head = isUpload
    ? `POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}`
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
