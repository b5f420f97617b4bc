import { errors } from '@gatewright/kernel'
import { mountMiddleware } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { headers, requestId } from '../src/index.ts'

describe('request fields', () => {
  it('are set whatever the client sent', async () => {
    const options = { request_headers: { 'X-Role': 'guest' } }
    await using mounted = await mountMiddleware(headers, options)

    await mounted.send({ headers: { 'x-role': ['admin', 'root'], 'x-other': 'stays' } })

    const [request] = mounted.upstream.requests
    expect(request?.headerValues('x-role')).toEqual(['guest'])
    expect(request?.headers['x-other']).toBe('stays')
  })

  it('are not forged with underscores in place of dashes', async () => {
    const options = {
      append_request_headers: { x_own_tag: 'second' },
      request_headers: { 'X-Real-Client': '{router}', 'X-Gone-By': '', 'X-Own-Tag': 'first' },
    }
    await using mounted = await mountMiddleware(headers, options)

    await mounted.send({
      headers: { x_real_client: 'a', 'x_real-client': 'b', 'X-Real_Client': 'c', x_gone_by: 'd' },
    })

    const fields = mounted.upstream.requests[0]?.headers ?? {}
    expect(Object.keys(fields).filter((name) => /real|gone/.test(name))).toEqual(['x-real-client'])
    expect(fields).toMatchObject({ 'x-own-tag': 'first', x_own_tag: 'second' })
  })

  it('are removed by an empty value', async () => {
    const options = { request_headers: { Cookie: '' } }
    await using mounted = await mountMiddleware(headers, options)

    await mounted.send({ headers: { cookie: ['a=b', 'c=d'] } })

    expect(mounted.upstream.requests[0]?.headers).not.toHaveProperty('cookie')
  })

  it('are appended after those of the client', async () => {
    const options = { append_request_headers: { 'X-Tag': 'gateway' } }
    await using mounted = await mountMiddleware(headers, options)

    await mounted.send({ headers: { 'x-tag': 'client' } })

    expect(mounted.upstream.requests[0]?.headerValues('x-tag')).toEqual(['client', 'gateway'])
  })

  it('are set before they are appended to', async () => {
    const options = {
      append_request_headers: { 'X-Tag': 'second' },
      request_headers: { 'X-Tag': 'first' },
    }
    await using mounted = await mountMiddleware(headers, options)

    await mounted.send({ headers: { 'x-tag': 'client' } })

    expect(mounted.upstream.requests[0]?.headerValues('x-tag')).toEqual(['first', 'second'])
  })

  it('take another host with them', async () => {
    await using mounted = await mountMiddleware(headers, { host_override: 'Inner.example:81' })

    await mounted.send({ headers: { host: 'outer.example' } })

    expect(mounted.upstream.requests[0]?.authority).toBe('inner.example:81')
  })
})

describe('response fields', () => {
  it('are set, appended and removed', async () => {
    const options = {
      response_headers: { 'X-Set': 'new', Server: '' },
      append_response_headers: { 'Set-Cookie': 'b=2' },
    }
    const upstream = { headers: { 'x-set': ['old', 'older'], server: 'x', 'set-cookie': 'a=1' } }
    await using mounted = await mountMiddleware(headers, options, { upstream })

    const response = await mounted.send()

    expect(response.headerValues('x-set')).toEqual(['new'])
    expect(response.headerValues('set-cookie')).toEqual(['a=1', 'b=2'])
    expect(response.headers).not.toHaveProperty('server')
  })

  it('are on errors, too', async () => {
    const upstream = errors.GW_UPSTREAM_RESET({ endpoint: 'x', problem: 'ECONNRESET' })
    const options = { response_headers: { 'X-Frame-Options': 'DENY' } }
    await using mounted = await mountMiddleware(headers, options, { upstream })

    const response = await mounted.send()

    expect(response.status).toBe(502)
    expect(response.headers['x-frame-options']).toBe('DENY')
  })
})

describe('placeholders', () => {
  it('stand for what is known of the request', async () => {
    const value = '{client_ip} {host} {router} {service}'
    const options = { request_headers: { 'X-Who': value }, response_headers: { 'X-Who': value } }
    await using mounted = await mountMiddleware(headers, { ...options, host_override: 'inner' })

    const init = { headers: { host: 'Outer.example:8080' }, remoteAddress: '192.0.2.7' }
    const response = await mounted.send(init)

    const route = response.ctx.route
    const expected = `192.0.2.7 outer.example:8080 ${route?.router} ${route?.service}`
    expect(mounted.upstream.requests[0]?.headers['x-who']).toBe(expected)
    expect(response.headers['x-who']).toBe(expected)
  })

  it.each(['{"a":1}', '{}', '{ host }', 'a{b', '{Host}'])('are not seen in %s', async (value) => {
    await using mounted = await mountMiddleware(headers, { request_headers: { 'X-A': value } })

    await mounted.send()

    expect(mounted.upstream.requests[0]?.headers['x-a']).toBe(value)
  })

  it('give the request one id, which clients do not choose', async () => {
    const fields = { 'X-Request-Id': '{request_id}' }
    const options = { request_headers: fields, response_headers: fields }
    await using mounted = await mountMiddleware(headers, options)

    const response = await mounted.send({ headers: { 'x-request-id': 'mine' } })

    const id = response.headers['x-request-id']
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    expect(mounted.upstream.requests[0]?.headerValues('x-request-id')).toEqual([id])
    expect(response.ctx.get(requestId)).toBe(id)
  })
})

describe('presets', () => {
  it('set the fields that they are named after', async () => {
    const options = {
      frame_deny: true,
      content_type_nosniff: true,
      referrer_policy: 'no-referrer',
      permissions_policy: 'camera=()',
      content_security_policy: "default-src 'self'",
    }
    const upstream = { headers: { 'x-frame-options': 'SAMEORIGIN' } }
    await using mounted = await mountMiddleware(headers, options, { upstream })

    const response = await mounted.send()

    expect(response.headers).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'permissions-policy': 'camera=()',
      'content-security-policy': "default-src 'self'",
    })
  })

  it.each([
    { options: { hsts_seconds: 60 }, value: 'max-age=60' },
    { options: { hsts_seconds: 0 }, value: 'max-age=0' },
    {
      options: { hsts_seconds: 60, hsts_include_subdomains: true },
      value: 'max-age=60; includeSubDomains',
    },
    {
      options: { hsts_seconds: 31_536_000, hsts_include_subdomains: true, hsts_preload: true },
      value: 'max-age=31536000; includeSubDomains; preload',
    },
  ])('$options are $value over TLS and nothing without it', async ({ options, value }) => {
    await using mounted = await mountMiddleware(headers, options)

    const encrypted = await mounted.send({ encrypted: true })
    const plain = await mounted.send({ headers: { 'x-forwarded-proto': 'https' } })

    expect(encrypted.headers['strict-transport-security']).toBe(value)
    expect(plain.headers).not.toHaveProperty('strict-transport-security')
  })
})

it.each([
  [{ request_headers: { Host: 'x' } }, 'GW_HEADERS_HOST_FIELD'],
  [{ response_headers: { 'Content-Length': '1' } }, 'GW_HEADERS_FORBIDDEN_FIELD'],
  [{ request_headers: { 'X-A': '{nobody}' } }, 'GW_HEADERS_UNKNOWN_PLACEHOLDER'],
  [{ request_headers: { 'X A': 'a' } }, 'GW_HEADERS_INVALID_FIELD'],
  [{ request_headers: { 'X-A': 'a', 'x-a': 'b' } }, 'GW_HEADERS_DUPLICATE_FIELD'],
  [{ hsts_preload: true }, 'GW_HEADERS_HSTS'],
])('headers %o are refused when the configuration is loaded', async (options, code) => {
  await expect(mountMiddleware(headers, options)).rejects.toMatchObject({
    code: 'GW_INVALID_OPTIONS',
    problems: [{ code }],
  })
})
