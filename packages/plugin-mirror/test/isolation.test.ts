import { defineMiddleware, type RequestContext } from '@gatewright/kernel'
import {
  after,
  chunked,
  closeAfterHead,
  closeBeforeResponse,
  deadUrl,
  early,
  hang,
  malformed,
  reply,
  requestBytes,
  startGateway,
  startUpstream,
  type TestGateway,
  unread,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import type { MirrorOutcome } from '../src/index.ts'
import { configOf, copiesOver, countsOf } from './shadowed.ts'

const mebibyte = 1024 * 1024
const endless = new Promise<never>(() => undefined)

describe('a shadow', () => {
  it.each([
    ['closes without an answer', closeBeforeResponse(), 'failed'],
    ['closes in the middle of its answer', closeAfterHead(), 'failed'],
    ['does not speak HTTP', malformed('status-line'), 'failed'],
    ['takes the request and never answers', hang(), 'timeout'],
    ['reads nothing and never answers', unread(endless, reply()), 'timeout'],
    ['begins an answer and never ends it', chunked(200, {}, unending), 'timeout'],
    ['answers with an error', reply(500, {}, 'oh'), 'sent'],
    ['answers before it has read the request', early(reply(413)), 'sent'],
  ] as const)('that %s changes nothing for the client', async (_how, behaviour, outcome) => {
    await using primary = await startUpstream(reply(201, { 'x-a': '1' }, 'made'))
    await using shadow = await startUpstream(behaviour, { strict: false })
    // Only who never answers is to be waited for in vain, also on a busy machine.
    const mirror = `timeout = "${outcome === 'timeout' ? '50ms' : '20s'}"`
    await using gateway = await startGateway(
      configOf({ primary: primary.url, shadow: shadow.url, mirror }),
    )
    const body = Buffer.alloc(300_000, 'order ')

    const response = await gateway.request('/', { method: 'POST', body })

    expect([response.status, response.headers['x-a'], response.text]).toEqual([201, '1', 'made'])
    expect(primary.requests[0]?.body.equals(body)).toBe(true)
    await expectOutcomes(gateway, { [outcome]: 1 })
  })

  it('that refuses connections changes nothing for the client', async () => {
    await using primary = await startUpstream(reply(200, {}, 'hello'))
    await using gateway = await startGateway(
      configOf({ primary: primary.url, shadow: await deadUrl() }),
    )

    const answers = [await gateway.request('/'), await gateway.request('/')]

    expect(answers.map(({ status, text }) => [status, text])).toEqual([
      [200, 'hello'],
      [200, 'hello'],
    ])
    await expectOutcomes(gateway, { failed: 2 })
  })

  it('without a server that can take it gets nothing', async () => {
    await using primary = await startUpstream()
    await using shadow = await startUpstream()
    await using gateway = await startGateway(configOf({ primary: primary.url, shadow: shadow.url }))
    const pool = gateway.gateway.snapshot.services.get('next')?.pool
    for (const endpoint of pool?.all ?? []) pool?.setHealthy(endpoint, 'test', false)

    expect((await gateway.request('/')).status).toBe(200)

    await expectOutcomes(gateway, { no_endpoint: 1 })
    expect(shadow.requests).toEqual([])
  })

  it('that is dead is told of once in the log', async () => {
    await using primary = await startUpstream()
    await using gateway = await startGateway(
      configOf({ primary: primary.url, shadow: await deadUrl() }),
    )

    for (let i = 0; i < 5; i++) await gateway.request('/')

    await expectOutcomes(gateway, { failed: 5 })
    expect(gateway.logs.find({ msg: 'copies of requests are being lost' })).toMatchObject([
      {
        level: 'warn',
        service: 'shop',
        shadow: 'next',
        outcome: 'failed',
        code: 'GW_UPSTREAM_CONNECT',
      },
    ])
    expect(gateway.logs.find({ level: 'error' })).toEqual([])
  })

  it('gets no more copies at once than it may have', async () => {
    const release = Promise.withResolvers<void>()
    await using primary = await startUpstream()
    await using shadow = await startUpstream(after(release.promise, reply()))
    await using gateway = await startGateway(
      configOf({ primary: primary.url, shadow: shadow.url, mirror: 'max_inflight = 3' }),
    )

    for (let i = 0; i < 5; i++) expect((await gateway.request(`/${i}`)).status).toBe(200)

    await vi.waitFor(() => expect(shadow.requests).toHaveLength(3))
    expect(countsOf(gateway)).toMatchObject({ inFlight: 3, outcomes: { dropped_inflight: 2 } })
    release.resolve()
    await expectOutcomes(gateway, { sent: 3, dropped_inflight: 2 })
    await gateway.request('/later')
    await expectOutcomes(gateway, { sent: 4, dropped_inflight: 2 })
  })
})

describe('an upload of 64 MiB', { timeout: 60_000 }, () => {
  const body = Buffer.alloc(64 * mebibyte, 'all of it arrives ')
  const pieces = Array.from({ length: 64 }, (_, i) =>
    body.subarray(i * mebibyte, (i + 1) * mebibyte),
  )

  it.each([
    ['of known length', body, ''],
    ['in chunks', pieces, ''],
    ['in chunks, of which many are kept', pieces, 'max_body_bytes = "63MiB"'],
  ])('%s is too large for a copy, and reaches the service whole', async (_how, content, mirror) => {
    await using primary = await startUpstream()
    await using shadow = await startUpstream(unread(endless, reply()))
    await using gateway = await startGateway(
      configOf({ primary: primary.url, shadow: shadow.url, mirror }),
    )

    const response = await gateway.request('/', { method: 'PUT', body: content })

    expect(response.status).toBe(200)
    expect(primary.requests[0]?.body.equals(body)).toBe(true)
    await expectOutcomes(gateway, { dropped_body: 1 })
    expect(shadow.requests).toEqual([])
  })

  it('that the shadow may have and does not read reaches the service whole', async () => {
    await using primary = await startUpstream()
    await using shadow = await startUpstream(unread(endless, reply()), { strict: false })
    await using gateway = await startGateway(
      configOf({
        primary: primary.url,
        shadow: shadow.url,
        mirror: 'max_body_bytes = "64MiB"\ntimeout = "1s"',
      }),
    )

    const response = await gateway.request('/', { method: 'PUT', body: pieces })

    expect(response.status).toBe(200)
    expect(primary.requests[0]?.body.equals(body)).toBe(true)
    await expectOutcomes(gateway, { timeout: 1 })
    expect(shadow.requests[0]?.complete).toBe(false)
  })
})

describe('a client that leaves', () => {
  it('in the middle of its body leaves no part of it to the shadow', async () => {
    await using primary = await startUpstream()
    await using shadow = await startUpstream()
    await using gateway = await startGateway(configOf({ primary: primary.url, shadow: shadow.url }))
    using client = await gateway.connect()

    await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nfirst')
    await primary.nextHead()
    client.reset()

    await expectOutcomes(gateway, { dropped_body: 1 })
    expect(shadow.requests).toEqual([])
    expect(gateway.logs.find({ msg: 'copies of requests are being lost' })).toMatchObject([
      { level: 'info' },
    ])
  })

  it('before the service has the request leaves nothing to copy', async () => {
    const arrived = Promise.withResolvers<RequestContext>()
    const release = Promise.withResolvers<void>()
    const over = Promise.withResolvers<void>()
    const slow = defineMiddleware({
      type: 'slow',
      schema: { type: 'object', additionalProperties: false, properties: {} },
      create: () => ({
        around: async (ctx, next) => {
          arrived.resolve(ctx)
          await release.promise
          const response = await next(ctx)
          over.resolve()
          return response
        },
      }),
    })
    await using primary = await startUpstream()
    await using shadow = await startUpstream()
    await using gateway = await startGateway(
      configOf({
        primary: primary.url,
        shadow: shadow.url,
        middlewares: ['slow'],
        blocks: 'middlewares "slow" {\ntype = "slow"\n}',
      }),
      { plugins: [{ name: 'slow', setup: ({ middlewares }) => middlewares.register(slow) }] },
    )
    using client = await gateway.connect()

    await client.send(requestBytes('POST', '/', 'h', { body: 'order' }))
    const ctx = await arrived.promise
    client.reset()
    await vi.waitFor(() => expect(ctx.ended).toBe(true))
    release.resolve()

    await over.promise
    expect(countsOf(gateway).inFlight).toBe(0)
    expect(copiesOver(gateway)).toBe(0)
    expect([...primary.requests, ...shadow.requests]).toEqual([])
    expect(gateway.logs.find({ level: 'error' })).toEqual([])
  })

  it('after its request leaves the copy alone', async () => {
    const release = Promise.withResolvers<void>()
    await using primary = await startUpstream(hang())
    await using shadow = await startUpstream(after(release.promise, reply()))
    await using gateway = await startGateway(configOf({ primary: primary.url, shadow: shadow.url }))
    using client = await gateway.connect()

    await client.send(requestBytes('POST', '/', 'h', { body: 'order' }))
    const request = await primary.nextRequest()
    await shadow.nextRequest()
    client.reset()
    await request.gone
    release.resolve()

    await expectOutcomes(gateway, { sent: 1 })
    expect(shadow.requests[0]?.text).toBe('order')
  })
})

describe('a gateway that stops', () => {
  it.each([
    ['the answer', hang()],
    ['the end of the answer', chunked(200, {}, unending)],
  ])('ends copies that wait for %s', async (_what, behaviour) => {
    await using primary = await startUpstream()
    await using shadow = await startUpstream(behaviour, { strict: false })
    await using gateway = await startGateway(configOf({ primary: primary.url, shadow: shadow.url }))
    await gateway.request('/')
    const copy = await shadow.nextRequest()
    const counts = countsOf(gateway)

    await gateway.close()

    await copy.gone
    expect(counts).toMatchObject({ inFlight: 0, outcomes: { failed: 1 } })
  })

  it('lets go of a copy that a tap of another plugin holds', async () => {
    await using primary = await startUpstream()
    await using shadow = await startUpstream()
    await using gateway = await startGateway(
      configOf({ primary: primary.url, shadow: shadow.url, mirror: 'timeout = "20ms"' }),
      {
        plugins: [
          {
            name: 'slow',
            setup: ({ hooks }) =>
              hooks.upstream.tapPromise('slow', async (_exchange, { service }) => {
                if (service.name === 'next') await endless
              }),
          },
        ],
      },
    )

    expect((await gateway.request('/')).status).toBe(200)

    await expectOutcomes(gateway, { timeout: 1 })
    expect(gateway.gateway.exchanges).toBe(0)
  })
})

describe('a reload', () => {
  it('that takes the mirror away lets copies finish', async () => {
    const release = Promise.withResolvers<void>()
    await using primary = await startUpstream()
    await using shadow = await startUpstream(after(release.promise, reply()))
    const config = configOf({ primary: primary.url, shadow: shadow.url })
    await using gateway = await startGateway(config)
    const counts = countsOf(gateway)
    await gateway.request('/')
    await shadow.nextRequest()

    await gateway.reload(config.replace(/mirror \{[^}]*\}/, ''))
    await gateway.request('/')
    release.resolve()

    await vi.waitFor(() => expect(counts).toMatchObject({ inFlight: 0, outcomes: { sent: 1 } }))
    expect(shadow.requests).toHaveLength(1)
    await vi.waitFor(() => expect(gateway.gateway.liveSnapshots).toBe(1))
  })
})

/** Waits until no copy is under way any more. */
async function expectOutcomes(
  gateway: TestGateway,
  expected: Partial<Record<MirrorOutcome, number>>,
): Promise<void> {
  const none = { sent: 0, dropped_inflight: 0, dropped_body: 0, no_endpoint: 0 }
  const total = Object.values(expected).reduce((sum, count) => sum + count, 0)
  await vi.waitFor(() => expect(copiesOver(gateway)).toBe(total), { timeout: 10_000 })
  expect(countsOf(gateway).outcomes).toEqual({ ...none, timeout: 0, failed: 0, ...expected })
  expect(countsOf(gateway).inFlight).toBe(0)
}

async function* unending(): AsyncGenerator<string> {
  yield 'some'
  await endless
}
