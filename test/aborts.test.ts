import { once } from 'node:events'
import { connect } from 'node:net'
import { Gateway } from '@gatewright/kernel'
import { createLoader } from '@gatewright/standard'
import {
  type AroundPool,
  type Behaviour,
  chunked,
  closeAfterHead,
  closeBeforeResponse,
  poolFile,
  recordLogs,
  reply,
  resetAfter,
  startGateway,
  startUpstream,
} from '@gatewright/testing'
import { afterAll, describe, expect, it, vi } from 'vitest'

const exchanges = 10_000
const atOnce = 50

describe('exchanges that break off at random', () => {
  const rejections: unknown[] = []
  const note = (reason: unknown): void => void rejections.push(reason)
  process.on('unhandledRejection', note)
  afterAll(() => void process.off('unhandledRejection', note))

  it('leave every counter at 0, no socket open and no rejection unhandled, 10,000 times', {
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

  it('leave every counter at 0 in a service with everything, and in those that it needs', {
    timeout: 120_000,
  }, async () => {
    const random = seeded(20_261_122)
    const choose = behaviours(random)
    await using a = await startUpstream(choose, { strict: false })
    await using b = await startUpstream(choose, { strict: false })
    await using shadow = await startUpstream(choose, { strict: false })
    await using spare = await startUpstream(choose, { strict: false })
    const others = { shadow: shadow.url, spare: spare.url }
    const config = poolFile([a.url, b.url], { ...everything(others), middlewares: ['again'] })
    await using gateway = await startGateway(config)
    let left = exchanges / 4
    const client = async (): Promise<void> => {
      while (left-- > 0) await exchangeOrAbort(gateway.port(), random)
    }

    await Promise.all(Array.from({ length: atOnce }, client))

    const active = (): number[] =>
      [...gateway.gateway.snapshot.services.values()].flatMap(({ pool }) =>
        pool.all.map((endpoint) => endpoint.active),
      )
    await vi.waitFor(() => expect(active()).toEqual([0, 0, 0, 0]), { timeout: 20_000 })
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0), { timeout: 10_000 })
    for (const { requests } of [a, b, shadow, spare]) expect(requests.length).toBeGreaterThan(100)
    expect(rejections).toEqual([])
  })
})

/** Every feature of a service, in the form in which it has the most to count. */
function everything(others: Readonly<Record<'shadow' | 'spare', string>>): AroundPool {
  return {
    balancing: `
      strategy        = "least-connections"
      slow_start      = "1s"
      panic_threshold = 50
      passive_health {
        error_threshold = 100
        recovery        = "50ms"
      }
      sticky {
        cookie = "server"
      }`,
    service: `
      scaling {
        container_concurrency = 10
        queue_timeout         = "100ms"
      }
      failover {
        service  = "spare"
        statuses = [503]
      }
      mirror {
        service = "shadow"
        timeout = "1s"
      }`,
    blocks: `
      middlewares "again" {
        type              = "retry"
        max_retries       = 1
        retry_interval_ms = 1
      }
      services "shadow" {
        load_balancer {
          servers = [{ url = "${others.shadow}" }]
        }
      }
      services "spare" {
        load_balancer {
          servers = [{ url = "${others.spare}" }]
        }
      }`,
  }
}

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
