import { mountMiddleware, reply, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { forwardAuth } from '../src/index.ts'

describe('the question of forward-auth', () => {
  it('asks who the request is from and what it is for', async () => {
    await using authServer = await startUpstream()
    await using mounted = await mountMiddleware(forwardAuth, {
      forward_auth_url: `${authServer.url}/verify?app=shop`,
    })

    const response = await mounted.send({
      method: 'POST',
      target: '/api/users?page=2',
      headers: { host: 'shop.example', cookie: 'session=1', 'x-forwarded-uri': '/public' },
      remoteAddress: '192.0.2.7',
      encrypted: true,
      body: 'order',
    })

    expect(response.status).toBe(200)
    const [question] = authServer.requests
    expect(question?.method).toBe('GET')
    expect(question?.target).toBe('/verify?app=shop')
    expect(question?.headers).toMatchObject({
      host: new URL(authServer.url).host,
      cookie: 'session=1',
      'x-forwarded-method': 'POST',
      'x-forwarded-uri': '/api/users?page=2',
      'x-forwarded-host': 'shop.example',
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '192.0.2.7',
    })
    expect(question?.body).toHaveLength(0)
    expect(mounted.upstream.requests[0]?.text).toBe('order')
  })

  it('is put with HEAD if told to, whose refusal reaches the client', async () => {
    await using authServer = await startUpstream([
      reply(200, { 'X-User': 'ann' }),
      reply(401, { 'WWW-Authenticate': 'Basic', 'Content-Length': '2000' }),
    ])
    await using mounted = await mountMiddleware(forwardAuth, {
      forward_auth_url: authServer.url,
      forward_auth_response_headers: ['X-User'],
      method: 'HEAD',
    })

    const passed = await mounted.send({ method: 'PUT', body: 'order' })
    const refused = await mounted.send({})

    expect(authServer.requests.map(({ method }) => method)).toEqual(['HEAD', 'HEAD'])
    expect([passed.status, refused.status]).toEqual([200, 401])
    expect(mounted.upstream.requests[0]?.headers['x-user']).toBe('ann')
    expect(refused.headers).toMatchObject({ 'www-authenticate': 'Basic' })
    expect(refused.headers).not.toHaveProperty('content-length')
  })

  it('leaves out of the question what concerns the request itself', async () => {
    await using authServer = await startUpstream()
    await using mounted = await mountMiddleware(forwardAuth, { forward_auth_url: authServer.url })
    const headers = {
      'content-type': 'text/plain',
      expect: '100-continue',
      'if-none-match': '"a"',
      range: 'bytes=0-1',
      connection: 'x-once',
      'x-once': '1',
      'x-kept': '1',
    }

    await mounted.send({ method: 'POST', headers, body: 'order' })

    const asked = authServer.requests[0]?.headers ?? {}
    expect(asked).toHaveProperty('x-kept')
    for (const name of [
      'content-type',
      'content-length',
      'expect',
      'if-none-match',
      'range',
      'x-once',
    ]) {
      expect(asked).not.toHaveProperty(name)
    }
  })

  it('does not ask with what an auth server could take for its own words', async () => {
    await using authServer = await startUpstream()
    await using mounted = await mountMiddleware(forwardAuth, { forward_auth_url: authServer.url })
    const forged = {
      x_forwarded_uri: '/public',
      'x-forwarded_method': 'OPTIONS',
      X_Forwarded_For: '10.0.0.1',
      x_forwarded_host: 'public.example',
    }

    await mounted.send({ target: '/private', headers: { ...forged, x_kept: '1' } })

    const asked = authServer.requests[0]?.headers ?? {}
    for (const name of Object.keys(forged)) expect(asked).not.toHaveProperty(name.toLowerCase())
    expect(asked).toMatchObject({ 'x-forwarded-uri': '/private', x_kept: '1' })
  })

  it('asks with the listed fields only', async () => {
    await using authServer = await startUpstream()
    await using mounted = await mountMiddleware(forwardAuth, {
      forward_auth_url: authServer.url,
      auth_request_headers: ['Cookie'],
    })

    await mounted.send({ headers: { cookie: 'a=1', 'x-secret': '1' } })

    const asked = authServer.requests[0]?.headers
    expect(asked).toMatchObject({ cookie: 'a=1', 'x-forwarded-method': 'GET' })
    expect(asked).not.toHaveProperty('x-secret')
  })

  it('asks with the body, which the upstream gets as well', async () => {
    await using authServer = await startUpstream()
    await using mounted = await mountMiddleware(forwardAuth, {
      forward_auth_url: authServer.url,
      forward_body: true,
    })

    await mounted.send({
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    })

    const [question] = authServer.requests
    expect([question?.method, question?.text]).toEqual(['POST', '{"a":1}'])
    expect(question?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-forwarded-method': 'PUT',
    })
    expect(mounted.upstream.requests[0]?.text).toBe('{"a":1}')
  })

  it('does not ask about a body that is too long', async () => {
    await using authServer = await startUpstream()
    await using mounted = await mountMiddleware(forwardAuth, {
      forward_auth_url: authServer.url,
      forward_body: true,
      max_body_bytes: 10,
    })

    const response = await mounted.send({ method: 'POST', body: 'more than ten bytes' })

    expect(response.status).toBe(413)
    expect(authServer.requests).toHaveLength(0)
  })
})
