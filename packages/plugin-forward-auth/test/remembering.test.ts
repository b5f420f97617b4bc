import { consumerKey } from '@gatewright/identity'
import {
  after,
  hang,
  malformed,
  mountMiddleware,
  reply,
  startUpstream,
  type UpstreamRequest,
} from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { forwardAuth } from '../src/index.ts'

const named = {
  forward_auth_response_headers: ['X-User'],
  consumer_header: 'X-User',
  cache_ttl: '1h',
}

describe('forward-auth that remembers', () => {
  it('asks once for requests that are alike, and tells the upstream the same each time', async () => {
    await using authServer = await startUpstream(reply(200, { 'X-User': 'ann' }))
    await using mounted = await mountMiddleware(forwardAuth, {
      ...named,
      forward_auth_url: authServer.url,
    })
    const headers = { cookie: 'session=1', 'x-user': 'admin' }

    const responses = [await mounted.send({ headers }), await mounted.send({ headers })]

    expect(authServer.requests).toHaveLength(1)
    expect(mounted.upstream.requests.map((seen) => seen.headerValues('x-user'))).toEqual([
      ['ann'],
      ['ann'],
    ])
    expect(responses.map(({ ctx }) => ctx.get(consumerKey)?.name)).toEqual(['ann', 'ann'])
  })

  it.each([
    { other: 'path', change: { target: '/admin' } },
    { other: 'method', change: { method: 'DELETE' } },
    { other: 'cookie', change: { headers: { cookie: 'session=2' } } },
    { other: 'address', change: { remoteAddress: '192.0.2.9' } },
  ])('asks again for another $other', async ({ change }) => {
    await using authServer = await startUpstream([reply(200), reply(403)])
    await using mounted = await mountMiddleware(forwardAuth, {
      ...named,
      forward_auth_url: authServer.url,
    })
    const usual = { target: '/', headers: { cookie: 'session=1' } }
    await mounted.send(usual)

    const response = await mounted.send({ ...usual, ...change })

    expect(response.status).toBe(403)
  })

  it('asks once for all paths if the listed fields say so, but always if there is none', async () => {
    await using authServer = await startUpstream()
    await using mounted = await mountMiddleware(forwardAuth, {
      ...named,
      forward_auth_url: authServer.url,
      cache_key_headers: ['Cookie'],
    })
    const headers = { cookie: 'session=1' }

    await mounted.send({ target: '/a', headers })
    await mounted.send({ target: '/b', headers: { ...headers, accept: 'text/html' } })
    await mounted.send({ target: '/c' })
    await mounted.send({ target: '/c' })

    expect(authServer.requests.map(uriOf)).toEqual(['/a', '/c', '/c'])
  })

  it('asks once for requests that come together', async () => {
    const answer = Promise.withResolvers<void>()
    await using authServer = await startUpstream(after(answer.promise, reply(200)))
    await using mounted = await mountMiddleware(forwardAuth, {
      ...named,
      forward_auth_url: authServer.url,
    })

    const sending = Array.from({ length: 20 }, () => mounted.send({}))
    await expect.poll(() => authServer.requests.length).toBe(1)
    answer.resolve()
    const responses = await Promise.all(sending)

    expect(responses.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect(authServer.requests).toHaveLength(1)
  })

  it('asks for each request by itself once the first of them was refused', async () => {
    await using authServer = await startUpstream((request) =>
      reply(302, { location: uriOf(request) ?? '' }),
    )
    await using mounted = await mountMiddleware(forwardAuth, {
      ...named,
      forward_auth_url: authServer.url,
      cache_key_headers: ['Cookie'],
    })

    const sending = ['/a', '/b', '/c'].map((target) =>
      mounted.send({ target, headers: { cookie: 'a=1' } }),
    )
    const responses = await Promise.all(sending)

    expect(responses.map(({ headers }) => headers['location'])).toEqual(['/a', '/b', '/c'])
  })

  it('asks for those who wait when the client that asked goes away', async () => {
    const answered = Promise.withResolvers<void>()
    await using authServer = await startUpstream([hang(), after(answered.promise, reply(200))])
    await using mounted = await mountMiddleware(forwardAuth, {
      ...named,
      forward_auth_url: authServer.url,
    })
    const leaving = new AbortController()
    const first = mounted.send({ signal: leaving.signal })
    const second = mounted.send({})
    await expect.poll(() => authServer.requests.length).toBe(1)

    leaving.abort()
    await expect.poll(() => authServer.requests.length).toBe(2)
    answered.resolve()

    expect([(await first).status, (await second).status]).toEqual([499, 200])
  })

  it('asks again after a refusal, and after an answer with a cookie for the client', async () => {
    const renewed = reply(200, { 'Set-Cookie': 'session=2' })
    await using authServer = await startUpstream([reply(401), renewed, reply(200)])
    await using mounted = await mountMiddleware(forwardAuth, {
      ...named,
      forward_auth_url: authServer.url,
      add_auth_cookies_to_response: ['session'],
    })

    const responses = []
    for (let i = 0; i < 4; i++) responses.push(await mounted.send({}))

    expect(responses.map(({ status }) => status)).toEqual([401, 200, 200, 200])
    expect(responses.map((response) => response.headerValues('set-cookie'))).toEqual([
      [],
      ['session=2'],
      [],
      [],
    ])
    expect(authServer.requests).toHaveLength(3)
  })

  it('remembers beyond a reload, but not what other options would have asked', async () => {
    await using authServer = await startUpstream()
    const options = { ...named, forward_auth_url: authServer.url }
    await using mounted = await mountMiddleware(forwardAuth, options)
    await mounted.send({})

    await mounted.reload(options)
    await mounted.send({})
    expect(authServer.requests).toHaveLength(1)

    await mounted.reload({ ...options, auth_request_headers: ['Cookie'] })
    await mounted.send({})
    expect(authServer.requests).toHaveLength(2)
  })
})

describe('forward-auth with an auth server that is gone', () => {
  it('does not ask it any more after some failures, and says so', async () => {
    await using authServer = await startUpstream(malformed('status-line'))
    await using mounted = await mountMiddleware(forwardAuth, {
      forward_auth_url: authServer.url,
      breaker_failures: 2,
      breaker_cooldown: '1h',
    })

    const responses = []
    for (let i = 0; i < 4; i++) responses.push(await mounted.send({}))

    expect(authServer.requests).toHaveLength(2)
    expect(responses.map(({ status }) => status)).toEqual([502, 502, 502, 502])
    expect(responses.at(-1)?.error?.message).toContain('has a rest')
    expect(mounted.logs.find({ failures: 2 })).toHaveLength(1)
  })

  it('asks it again after a while', async () => {
    await using authServer = await startUpstream([malformed('status-line'), reply(200)])
    await using mounted = await mountMiddleware(forwardAuth, {
      forward_auth_url: authServer.url,
      breaker_failures: 1,
      breaker_cooldown: '1ms',
    })
    await mounted.send({})

    await expect.poll(async () => (await mounted.send({})).status).toBe(200)
  })
})

function uriOf({ headers }: UpstreamRequest): string | undefined {
  return headers['x-forwarded-uri']
}
