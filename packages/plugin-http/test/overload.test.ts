import { definePlugin } from '@gatewright/kernel'
import { after, hang, reply, startUpstream } from '@gatewright/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { loopDelay } from '../src/loop-delay.ts'
import { configFor, startBehind } from './behind.ts'

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

describe('max_requests', () => {
  it('answers the request above it with 503 at once, and the next ones when there is room', async () => {
    const gate = Promise.withResolvers<void>()
    await using upstream = await startUpstream(after(() => gate.promise, reply(200, {}, 'done')))
    await using gateway = await startBehind(upstream, { entrypoint: bounded(2) })
    using first = await gateway.connect()
    using second = await gateway.connect()
    using third = await gateway.connect()
    await first.send(get)
    await second.send(get)
    await upstream.nextRequest()
    await upstream.nextRequest()

    await third.send(get)
    const refused = await third.readResponse()
    gate.resolve()
    await first.readResponse()
    await second.readResponse()
    await third.send(get)
    const served = await third.readResponse()

    expect(refused.status).toBe(503)
    expect(refused.headers).toMatchObject({ 'retry-after': '1' })
    expect(refused.headers['connection']).toBeUndefined()
    expect(refused.json()).toMatchObject({
      code: 'GW_HTTP_OVERLOADED',
      error: 'Gateway overloaded',
    })
    expect(served.text).toBe('done')
    expect(upstream.requests).toHaveLength(3)
  })

  it('finds the next request behind the body of one that it refuses', async () => {
    await using upstream = await startUpstream(hang())
    await using gateway = await startBehind(upstream, { entrypoint: bounded(1) })
    using first = await gateway.connect()
    await first.send(get)
    await upstream.nextRequest()
    using second = await gateway.connect()

    const post = 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nGET /'
    await second.send(post + post)

    expect((await second.readResponse()).status).toBe(503)
    expect((await second.readResponse()).status).toBe(503)
    expect(upstream.requests).toHaveLength(1)
  })

  it.each([
    ['leaves', 'end'],
    ['is reset', 'reset'],
  ] as const)('has room again once a client %s', async (_how, leave) => {
    await using upstream = await startUpstream([hang(), reply()])
    await using gateway = await startBehind(upstream, { entrypoint: bounded(1) })
    using client = await gateway.connect()

    await client.send(get)
    await upstream.nextRequest()
    expect((await gateway.request('/')).status).toBe(503)
    client[leave]()

    await vi.waitFor(async () => expect((await gateway.request('/')).status).toBe(200))
  })

  it('does not count what was refused, or was no request', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, { entrypoint: bounded(1) })

    await gateway.request('/', { method: 'CONNECT' })
    await gateway.request('/', { headers: { host: 'a b' } })
    for (let i = 0; i < 3; i++) expect((await gateway.request('/')).status).toBe(200)
  })

  it('holds for connections that were there before a reload set it', async () => {
    await using upstream = await startUpstream(hang())
    await using gateway = await startBehind(upstream)
    using busy = await gateway.connect()
    using early = await gateway.connect()
    await busy.send(get)
    await upstream.nextRequest()

    await gateway.reload(configFor(upstream.url, { entrypoint: bounded(1) }))
    await early.send(get)

    expect((await early.readResponse()).status).toBe(503)
  })

  it('is logged once a second at most, with how many there were', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    await using upstream = await startUpstream(hang())
    await using gateway = await startBehind(upstream, { entrypoint: bounded(1) })
    using client = await gateway.connect()
    await client.send(get)
    await upstream.nextRequest()

    for (let i = 0; i < 4; i++) await gateway.request('/')
    vi.advanceTimersByTime(1000)
    await gateway.request('/')

    const lines = gateway.logs.find({ level: 'warn', code: 'GW_HTTP_OVERLOADED' })
    expect(lines.map(({ refused }) => refused)).toEqual([1, 4])
    expect(lines[0]).toMatchObject({ entrypoint: 'web', requests: 1 })
  })
})

describe('an event loop that is late', () => {
  it('makes requests fail fast, before any plugin sees them, until it is on time again', async () => {
    const ticks = ticksByHand()
    const seen: string[] = []
    const witness = definePlugin({
      name: 'witness',
      setup: ({ hooks }) =>
        hooks.request.tap('witness', ({ request }) => {
          seen.push(request.target)
          return undefined
        }),
    })
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, { plugins: [witness] })
    using client = await gateway.connect()
    const statusOf = async (target: string): Promise<number> => {
      await client.send(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`)
      return (await client.readResponse()).status
    }

    ticks(1100)
    expect(await statusOf('/late-once')).toBe(200)
    ticks(1100)
    expect(await statusOf('/late')).toBe(503)
    ticks(0, 0, 0)
    expect(await statusOf('/still')).toBe(503)
    ticks(0)
    expect(await statusOf('/again')).toBe(200)

    expect(seen).toEqual(['/late-once', '/again'])
  })

  it('is nobody else’s business: a request that was let in goes on', async () => {
    const ticks = ticksByHand()
    const gate = Promise.withResolvers<void>()
    await using upstream = await startUpstream(after(gate.promise, reply(200, {}, 'whole')))
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(get)
    await upstream.nextRequest()
    ticks(2000, 2000)
    gate.resolve()

    expect((await client.readResponse()).text).toBe('whole')
  })

  it('is not looked at if max_event_loop_delay is 0', async () => {
    const ticks = ticksByHand()
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, {
      entrypoint: { overload: { max_event_loop_delay: 0 } },
    })

    ticks(60_000, 60_000, 60_000)

    expect((await gateway.request('/')).status).toBe(200)
  })

  it('shows if code keeps it busy', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, {
      entrypoint: { overload: { max_event_loop_delay: '20ms' } },
    })

    let status = 200
    while (status === 200) {
      // Longer than the time between two measurements, so that each of them is late.
      keepBusy(400)
      status = (await gateway.request('/')).status
    }

    expect(status).toBe(503)
  })
})

describe('the bounds', () => {
  it.each([{ max_requests: -1 }, { max_event_loop_delay: 'soon' }, { max_reqests: 1 }])(
    '%j are refused',
    async (overload) => {
      await using upstream = await startUpstream()

      await expect(startBehind(upstream, { entrypoint: { overload } })).rejects.toMatchObject({
        code: 'GW_CONFIG_INVALID',
      })
    },
  )
})

function bounded(requests: number): Readonly<Record<string, unknown>> {
  return { overload: { max_requests: requests } }
}

/** Stops the measuring; what comes back pretends measurements that were so late. */
function ticksByHand(): (...delaysMs: number[]) => void {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  let now = 0
  return (...delaysMs) => {
    if (now === 0) {
      now = performance.now()
      // From here on it is known when the next one is due.
      loopDelay.tick(now)
      loopDelay.tick((now += 250))
    }
    for (const delayMs of delaysMs) loopDelay.tick((now += 250 + delayMs))
  }
}

function keepBusy(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
