import { ForkedContext } from '@gatewright/kernel'
import { chunked, reply, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { mirroredTo } from '../src/index.ts'
import { configOf, copiesOver, countsOf } from './shadowed.ts'

describe('a copy', () => {
  it('has the head of the request as the middlewares left it', async () => {
    await using primary = await startUpstream()
    await using shadow = await startUpstream()
    await using gateway = await startGateway(
      configOf({
        primary: primary.url,
        shadow: shadow.url,
        middlewares: ['without-api'],
        blocks: `
          middlewares "without-api" {
            type     = "strip-prefix"
            prefixes = ["/api"]
          }
        `,
      }),
    )

    await gateway.request('/api/users?page=2', {
      headers: { Host: 'shop.test', 'X-Mixed-Case': 'a', Connection: 'x-hop', 'X-Hop': '1' },
    })

    const copy = await shadow.nextRequest()
    const sent = primary.requests[0]
    expect([copy.method, copy.target]).toEqual(['GET', '/users?page=2'])
    const { 'x-gatewright-mirror': mark, 'x-shadow': named, ...rest } = copy.headers
    expect([mark, named]).toEqual(['1', 'true'])
    expect(rest).toEqual(sent?.headers)
    expect(copy.headers).toMatchObject({ host: 'shop.test', 'x-mixed-case': 'a' })
    expect(copy.headers).not.toHaveProperty('x-hop')
  })

  it.each([
    ['of known length', 'order', 5],
    ['in chunks', ['or', 'der', 'ed'], 7],
    ['of no bytes', '', 0],
    ['of many pieces', Buffer.alloc(900_000, 'all kinds of bytes \0\xff'), 900_000],
  ])('has the same body, %s', async (_what, body, length) => {
    await using primary = await startUpstream()
    await using shadow = await startUpstream()
    await using gateway = await startGateway(configOf({ primary: primary.url, shadow: shadow.url }))

    const { status } = await gateway.request('/', { method: 'POST', body })

    const copy = await shadow.nextRequest()
    expect(status).toBe(200)
    expect(copy.complete).toBe(true)
    expect(copy.body).toHaveLength(length)
    expect(copy.body.equals(primary.requests[0]?.body ?? Buffer.from('none'))).toBe(true)
  })

  it('has the trailers', async () => {
    await using primary = await startUpstream()
    await using shadow = await startUpstream()
    await using gateway = await startGateway(configOf({ primary: primary.url, shadow: shadow.url }))

    await gateway.request('/', {
      method: 'POST',
      headers: { trailer: 'x-sum' },
      body: ['or', 'der'],
      trailers: { 'x-sum': '5' },
    })

    const copy = await shadow.nextRequest()
    expect(copy.text).toBe('order')
    expect(copy.trailers).toEqual(primary.requests[0]?.trailers)
  })

  it('lacks the fields that it is not to carry, and has the name that it is to have', async () => {
    await using primary = await startUpstream()
    await using shadow = await startUpstream()
    await using gateway = await startGateway(
      configOf({
        primary: primary.url,
        shadow: shadow.url,
        mirror: 'strip_headers = ["Authorization", "cookie"]\nshadow_header = "X-Test-Run"',
      }),
    )

    await gateway.request('/', {
      headers: {
        authorization: 'Basic YTpi',
        cookie: ['a=1', 'b=2'],
        'x-gatewright-mirror': 'forged',
        'x-other': '1',
      },
    })

    const { headers } = await shadow.nextRequest()
    expect(headers).toMatchObject({ 'x-gatewright-mirror': '1', 'x-test-run': 'true' })
    for (const name of ['authorization', 'cookie', 'x-shadow']) {
      expect(headers).not.toHaveProperty(name)
    }
    expect(primary.requests[0]?.headers).toMatchObject({
      authorization: 'Basic YTpi',
      'x-other': '1',
    })
  })

  it('has no name if none is wanted', async () => {
    await using primary = await startUpstream()
    await using shadow = await startUpstream()
    await using gateway = await startGateway(
      configOf({ primary: primary.url, shadow: shadow.url, mirror: 'shadow_header = ""' }),
    )

    await gateway.request('/')

    expect((await shadow.nextRequest()).headers).not.toHaveProperty('x-shadow')
  })

  it('does not show in the answer, whatever the shadow says', async () => {
    await using primary = await startUpstream(reply(201, { 'x-from': 'primary' }, 'made'))
    await using shadow = await startUpstream(
      chunked(500, { 'x-from': 'shadow' }, ['a', 'b'.repeat(200_000)]),
    )
    await using gateway = await startGateway(configOf({ primary: primary.url, shadow: shadow.url }))

    const response = await gateway.request('/', { method: 'POST', body: 'order' })

    expect([response.status, response.headers['x-from'], response.text]).toEqual([
      201,
      'primary',
      'made',
    ])
    await vi.waitFor(() => expect(countsOf(gateway).outcomes.sent).toBe(1))
  })

  it('shows to the plugins that follow attempts as what it is', async () => {
    const seen: unknown[] = []
    await using primary = await startUpstream()
    await using shadow = await startUpstream(reply(503))
    await using gateway = await startGateway(
      configOf({ primary: primary.url, shadow: shadow.url }),
      {
        plugins: [
          {
            name: 'following',
            setup: ({ hooks }) =>
              hooks.upstreamEnd.tap('following', (exchange, { service, status }) => {
                seen.push([service.name, status, exchange instanceof ForkedContext])
              }),
          },
        ],
      },
    )

    await gateway.request('/')

    await vi.waitFor(() => expect(copiesOver(gateway)).toBe(1))
    expect(seen).toContainEqual(['shop', 200, false])
    expect(seen).toContainEqual(['next', 503, true])
  })

  it('is known to those who write about its request', async () => {
    const shadows: unknown[] = []
    await using primary = await startUpstream()
    await using shadow = await startUpstream()
    await using gateway = await startGateway(
      configOf({ primary: primary.url, shadow: shadow.url, mirror: 'percentage = 50' }),
      {
        plugins: [
          {
            name: 'writing',
            setup: ({ hooks }) =>
              hooks.finish.tap(
                'writing',
                (exchange) => void shadows.push(exchange.get(mirroredTo)),
              ),
          },
        ],
      },
    )

    await gateway.request('/')
    await gateway.request('/')

    await vi.waitFor(() => expect(shadows).toEqual([undefined, 'next']))
  })

  it('goes past the features of the shadow, its own mirror included', async () => {
    await using primary = await startUpstream()
    await using shadow = await startUpstream()
    await using third = await startUpstream()
    await using gateway = await startGateway(
      configOf({
        primary: primary.url,
        shadow: shadow.url,
        shadowKeys: 'mirror {\nservice = "third"\n}',
        blocks: `
          services "third" {
            load_balancer {
              servers = [{ url = "${third.url}" }]
            }
          }
        `,
      }),
    )

    await gateway.request('/')

    await vi.waitFor(() => expect(copiesOver(gateway)).toBe(1))
    expect(shadow.requests).toHaveLength(1)
    expect(third.requests).toHaveLength(0)
  })
})
