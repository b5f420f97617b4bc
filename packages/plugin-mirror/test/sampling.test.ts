import { defineMiddleware } from '@gatewright/kernel'
import {
  closeBeforeResponse,
  deadUrl,
  mountMiddleware,
  Reply,
  recordFigures,
  reply,
  startGateway,
  startUpstream,
  type TestGateway,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import mirrorPlugin from '../src/index.ts'
import { configOf, copiesOver, countsOf } from './shadowed.ts'

describe('the share that is mirrored', () => {
  it.each([
    [50, 200, 100],
    [10, 100, 10],
    [1, 100, 1],
    [33, 100, 33],
    [0, 20, 0],
    [100, 20, 20],
  ])('is, at %i %% of %i requests, %i copies', async (percentage, requests, expected) => {
    await using primary = await startUpstream()
    await using shadow = await startUpstream()
    await using gateway = await startGateway(
      configOf({
        primary: primary.url,
        shadow: shadow.url,
        mirror: `percentage = ${percentage}`,
      }),
    )

    await send(gateway, targets(requests))

    await vi.waitFor(() => expect(countsOf(gateway).outcomes.sent).toBe(expected))
    expect(shadow.requests).toHaveLength(expected)
    expect(primary.requests).toHaveLength(requests)
  })

  it('is told as figures', async () => {
    await using primary = await startUpstream()
    await using shadow = await startUpstream()
    const recorded = recordFigures()
    const config = configOf({ primary: primary.url, shadow: shadow.url })
    await using gateway = await startGateway(config, { plugins: [recorded.plugin] })

    await send(gateway, targets(3))

    await vi.waitFor(() =>
      expect(recorded.read(gateway.gateway)).toMatchObject({
        'mirror_requests_total{service="shop",shadow="next",outcome="sent"}': 3,
        'mirror_requests_total{service="shop",shadow="next",outcome="failed"}': 0,
        'mirror_differences_total{service="shop",shadow="next"}': 0,
        'mirror_requests_in_flight{service="shop",shadow="next"}': 0,
      }),
    )
  })

  it('is evenly spread over the requests of all routers', async () => {
    await using primary = await startUpstream()
    await using shadow = await startUpstream()
    await using gateway = await startGateway(
      configOf({ primary: primary.url, shadow: shadow.url, mirror: 'percentage = 25' }),
    )

    await send(gateway, ['/1', '/other/2', '/3', '/4', '/other/5', '/6', '/7', '/other/8'])

    await vi.waitFor(() => expect(copiesOver(gateway)).toBe(2))
    expect(shadow.requests.map(({ target }) => target)).toEqual(['/4', '/other/8'])
  })

  it('goes on after a reload, with its counts', async () => {
    await using primary = await startUpstream()
    await using shadow = await startUpstream()
    const parts = { primary: primary.url, shadow: shadow.url }
    await using gateway = await startGateway(configOf({ ...parts, mirror: 'percentage = 50' }))

    await send(gateway, ['/1', '/2', '/3'])
    await gateway.reload(configOf({ ...parts, mirror: 'percentage = 50\nmax_inflight = 7' }))
    await send(gateway, ['/4'])

    await vi.waitFor(() => expect(countsOf(gateway).outcomes.sent).toBe(2))
    expect(shadow.requests.map(({ target }) => target)).toEqual(['/2', '/4'])
  })

  it('is one of the requests with the configured methods', async () => {
    await using primary = await startUpstream()
    await using shadow = await startUpstream()
    await using gateway = await startGateway(
      configOf({
        primary: primary.url,
        shadow: shadow.url,
        mirror: 'methods = ["GET", "PUT"]\npercentage = 50',
      }),
    )

    for (const method of ['GET', 'POST', 'POST', 'PUT', 'DELETE', 'GET', 'GET']) {
      await gateway.request('/', { method })
    }

    await vi.waitFor(() => expect(copiesOver(gateway)).toBe(2))
    expect(shadow.requests.map(({ method }) => method)).toEqual(['PUT', 'GET'])
  })

  it.each([
    ['that switches protocols', { headers: { upgrade: 'websocket' } }, 1],
    ['that opens a tunnel', { method: 'CONNECT' }, 1],
    ['of any other kind', {}, 2],
  ])('decides on a request %s', async (_what, init, expected) => {
    await using mounted = await mountMiddleware(toShop, {}, { plugins: [mirrorPlugin], config })

    await mounted.send(init)

    await vi.waitFor(() => expect(mounted.upstream.requests).toHaveLength(expected))
  })
})

describe('a request that is tried again', () => {
  it.each([
    ['an answer that the retry does not like', [reply(503), reply(503), reply()]],
    ['a lost connection', [closeBeforeResponse(), reply()]],
  ])('after %s is mirrored once', async (_why, behaviour) => {
    await using primary = await startUpstream(behaviour)
    await using shadow = await startUpstream()
    await using gateway = await startGateway(
      configOf({ ...retried, primary: primary.url, shadow: shadow.url }),
    )

    expect((await gateway.request('/')).status).toBe(200)

    await vi.waitFor(() => expect(copiesOver(gateway)).toBe(1))
    expect(primary.requests).toHaveLength(behaviour.length)
    expect(shadow.requests).toHaveLength(1)
  })

  it('counts as one request', async () => {
    await using primary = await startUpstream([reply(503), reply(), reply(503), reply()])
    await using shadow = await startUpstream()
    await using gateway = await startGateway(
      configOf({
        ...retried,
        primary: primary.url,
        shadow: shadow.url,
        mirror: 'percentage = 50',
      }),
    )

    await send(gateway, ['/1', '/2'])

    await vi.waitFor(() => expect(copiesOver(gateway)).toBe(1))
    expect(shadow.requests.map(({ target }) => target)).toEqual(['/2'])
  })

  it('with its body is mirrored with its body', async () => {
    await using primary = await startUpstream()
    await using shadow = await startUpstream()
    await using gateway = await startGateway(
      configOf({ ...retried, primary: [await deadUrl(), primary.url], shadow: shadow.url }),
    )

    for (const body of ['one', 'two', 'three']) {
      await gateway.request('/', { method: 'POST', body })
      await shadow.nextRequest()
    }

    expect(shadow.requests.map(({ text }) => text)).toEqual(['one', 'two', 'three'])
    await vi.waitFor(() => expect(countsOf(gateway).outcomes.sent).toBe(3))
    expect(copiesOver(gateway)).toBe(3)
  })

  it('in the middle of its body is mirrored once, whole', async () => {
    await using failing = await startUpstream(new Reply(({ reset }) => reset()))
    await using primary = await startUpstream()
    await using shadow = await startUpstream()
    await using gateway = await startGateway(
      configOf({ ...retried, primary: [failing.url, primary.url], shadow: shadow.url }),
    )
    using client = await gateway.connect()

    await client.send('PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nfirst')
    await primary.nextHead()
    await client.send(' half')
    const { status } = await client.readResponse()

    expect(status).toBe(200)
    expect((await shadow.nextRequest()).text).toBe('first half')
    await vi.waitFor(() => expect(countsOf(gateway).outcomes.sent).toBe(1))
    expect(copiesOver(gateway)).toBe(1)
  })

  it('because a server cannot be reached is mirrored once', async () => {
    await using primary = await startUpstream()
    await using shadow = await startUpstream()
    await using gateway = await startGateway(
      configOf({ ...retried, primary: [await deadUrl(), primary.url], shadow: shadow.url }),
    )

    await send(gateway, ['/1', '/2', '/3'])

    await vi.waitFor(() => expect(copiesOver(gateway)).toBe(3))
    expect(shadow.requests).toHaveLength(3)
  })
})

/** Leads to the service `shop`, in memory. */
const toShop = defineMiddleware({
  type: 'to-shop',
  schema: { type: 'object', additionalProperties: false, properties: {} },
  create: (_options, scope) => ({ around: (ctx) => scope.service('shop').handle(ctx) }),
})

const inMemory = { strategy: 'memory', servers: [{ url: 'memory://upstream' }] }
const config = {
  services: {
    shop: { load_balancer: inMemory, mirror: { service: 'next' } },
    next: { load_balancer: inMemory },
  },
}

const retried = {
  middlewares: ['again'],
  blocks: `
    middlewares "again" {
      type              = "retry"
      retry_interval_ms = 0
    }
  `,
}

function targets(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `/${index}`)
}

async function send({ request }: TestGateway, wanted: readonly string[]): Promise<void> {
  for (const target of wanted) await request(target)
}
