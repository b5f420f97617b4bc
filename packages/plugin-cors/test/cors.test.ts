import { errors } from '@gatewright/kernel'
import { mountMiddleware } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { cors } from '../src/index.ts'

const a = 'https://a.example'
const b = 'https://b.example'
const two = { allowed_origins: [a, b] }

describe('a preflight', () => {
  it('is answered with what is allowed', async () => {
    await using mounted = await mountMiddleware(cors, two)

    const response = await mounted.send(preflight(b))

    expect(response.status).toBe(204)
    expect(response.headers).toEqual({
      'access-control-allow-origin': b,
      'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
      'access-control-allow-headers': 'Content-Type, Authorization',
      'access-control-max-age': '86400',
      vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network',
    })
    expect(mounted.upstream.requests).toHaveLength(0)
  })

  it('of any origin is answered the same for all if all are allowed', async () => {
    await using mounted = await mountMiddleware(cors)

    const { headers } = await mounted.send(preflight(a))

    expect(headers['access-control-allow-origin']).toBe('*')
    expect(headers['vary']).not.toMatch(/\bOrigin/)
  })

  it('of an origin that is not allowed gets 403 and no permission', async () => {
    await using mounted = await mountMiddleware(cors, two)

    const response = await mounted.send(preflight('https://evil.example'))

    expect(response.status).toBe(403)
    expect(response.json()).toMatchObject({
      code: 'GW_CORS_ORIGIN_DENIED',
      error: 'Origin not allowed',
    })
    expect(response.headers['vary']).toMatch(/^Origin,/)
    expect(response.headers).not.toHaveProperty('access-control-allow-origin')
    expect(mounted.upstream.requests).toHaveLength(0)
  })

  it('gets what it asks for where all methods and fields are allowed', async () => {
    const options = { ...two, allowed_methods: ['*'], allowed_headers: ['*'] }
    await using mounted = await mountMiddleware(cors, options)

    const { headers } = await mounted.send(
      preflight(a, { 'access-control-request-headers': 'authorization,x-a' }),
    )

    expect(headers['access-control-allow-methods']).toBe('PUT')
    expect(headers['access-control-allow-headers']).toBe('authorization,x-a')
  })

  it.each([
    { 'access-control-request-headers': 'x-a: b' },
    { 'access-control-request-headers': '"x"' },
    {},
  ])('with the fields %o gets none back', async (fields) => {
    await using mounted = await mountMiddleware(cors, { ...two, allowed_headers: ['*'] })

    const { headers } = await mounted.send(preflight(a, fields))

    expect(headers).not.toHaveProperty('access-control-allow-headers')
  })

  it('names every allowed field once, whatever its case', async () => {
    const options = { ...two, allowed_headers: ['X-A', 'x-a', 'X-B'] }
    await using mounted = await mountMiddleware(cors, options)

    const { headers } = await mounted.send(preflight(a))

    expect(headers['access-control-allow-headers']).toBe('x-a, X-B')
  })

  it.each([
    { allow: true, ask: 'true', answer: 'true' },
    { allow: true, ask: 'false', answer: undefined },
    { allow: false, ask: 'true', answer: undefined },
  ])('for a private network ($allow, $ask) gets $answer', async ({ allow, ask, answer }) => {
    await using mounted = await mountMiddleware(cors, { ...two, allow_private_network: allow })

    const { headers } = await mounted.send(
      preflight(a, { 'access-control-request-private-network': ask }),
    )

    expect(headers['access-control-allow-private-network']).toBe(answer)
  })

  it('goes to the service if told to, and the answer gets the permissions', async () => {
    const upstream = { status: 200, headers: { 'access-control-allow-methods': 'PATCH' } }
    const options = { ...two, preflight_continue: true }
    await using mounted = await mountMiddleware(cors, options, { upstream })

    const response = await mounted.send(preflight(a))

    expect(mounted.upstream.requests[0]?.method).toBe('OPTIONS')
    expect(response.status).toBe(200)
    expect(response.headers).toMatchObject({
      'access-control-allow-origin': a,
      'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
    })
  })

  it.each([{ origin: a }, { 'access-control-request-method': 'PUT' }])(
    'needs an origin and a method; OPTIONS with %o is the service\u2019s',
    async (headers) => {
      await using mounted = await mountMiddleware(cors, two)

      const response = await mounted.send({ method: 'OPTIONS', headers })

      expect(response.status).toBe(200)
      expect(mounted.upstream.requests).toHaveLength(1)
    },
  )

  it('is no GET', async () => {
    await using mounted = await mountMiddleware(cors, two)

    const response = await mounted.send({ ...preflight('https://evil.example'), method: 'GET' })

    expect(response.status).toBe(200)
  })
})

describe('an actual request', () => {
  it('of an allowed origin gets that origin back', async () => {
    await using mounted = await mountMiddleware(cors, { ...two, exposed_headers: ['X-A', 'X-B'] })

    const { headers } = await mounted.send({ headers: { origin: b } })

    expect(headers).toMatchObject({
      'access-control-allow-origin': b,
      'access-control-expose-headers': 'X-A, X-B',
      vary: 'Origin',
    })
    expect(headers).not.toHaveProperty('access-control-allow-credentials')
    expect(headers).not.toHaveProperty('access-control-allow-methods')
  })

  it.each(['https://evil.example', 'null', `${a}.evil.example`])(
    'of %s is answered without permission',
    async (origin) => {
      await using mounted = await mountMiddleware(cors, two)

      const response = await mounted.send({ headers: { origin } })

      expect(response.status).toBe(200)
      expect(response.headers['vary']).toBe('Origin')
      expect(response.headers).not.toHaveProperty('access-control-allow-origin')
    },
  )

  it('without an origin is answered for caches, too', async () => {
    await using listed = await mountMiddleware(cors, two)
    await using all = await mountMiddleware(cors)

    const forListed = await listed.send()
    const forAll = await all.send()

    expect(forListed.headers['vary']).toBe('Origin')
    expect(forAll.headers['access-control-allow-origin']).toBe('*')
    expect(forAll.headers).not.toHaveProperty('vary')
  })

  it('may carry credentials if they are allowed', async () => {
    await using mounted = await mountMiddleware(cors, { ...two, allow_credentials: true })

    const { headers } = await mounted.send({ headers: { origin: a } })

    expect(headers).toMatchObject({
      'access-control-allow-origin': a,
      'access-control-allow-credentials': 'true',
    })
  })

  it('gets its permission with errors, too', async () => {
    const upstream = errors.GW_UPSTREAM_RESET({ endpoint: 'x', problem: 'ECONNRESET' })
    await using mounted = await mountMiddleware(cors, two, { upstream })

    const response = await mounted.send({ headers: { origin: a } })

    expect(response.status).toBe(502)
    expect(response.headers['access-control-allow-origin']).toBe(a)
  })

  it.each([
    { vary: 'Accept', after: 'Accept, Origin' },
    { vary: 'accept, ORIGIN', after: 'accept, ORIGIN' },
    { vary: '*', after: '*' },
    { vary: ['Accept', 'Origin'], after: 'Accept, Origin' },
  ])('keeps what a response varies by: $vary', async ({ vary, after }) => {
    await using mounted = await mountMiddleware(cors, two, { upstream: { headers: { vary } } })

    const { headers } = await mounted.send({ headers: { origin: a } })

    expect(headers['vary']).toBe(after)
  })
})

describe('fields of the upstream', () => {
  const upstream = {
    headers: {
      'access-control-allow-origin': '*',
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'X-Secret',
    },
  }

  it.each([a, 'https://evil.example'])('are taken away from the answer to %s', async (origin) => {
    await using mounted = await mountMiddleware(cors, two, { upstream })

    const { headers } = await mounted.send({ headers: { origin } })

    expect(headers['access-control-allow-origin']).toBe(origin === a ? a : undefined)
    expect(headers).not.toHaveProperty('access-control-allow-credentials')
    expect(headers).not.toHaveProperty('access-control-expose-headers')
  })

  it('stay if told to, and are added where there are none', async () => {
    const options = { ...two, override_upstream: false }
    await using mounted = await mountMiddleware(cors, options, { upstream: [upstream, 200] })

    const own = await mounted.send({ headers: { origin: a } })
    const added = await mounted.send({ headers: { origin: a } })

    expect(own.headers).toMatchObject(upstream.headers)
    expect(added.headers['access-control-allow-origin']).toBe(a)
  })
})

it('lets preflights pass in a dry run', async () => {
  await using mounted = await mountMiddleware(cors, two, { dryRun: true })

  const response = await mounted.send(preflight('https://evil.example'))

  expect(response.status).toBe(200)
  expect(response.headers).not.toHaveProperty('access-control-allow-origin')
})

it.each([
  [{ allow_credentials: true }, 'GW_CORS_CREDENTIALS'],
  [{ allowed_origin_patterns: ['https://*x.example'] }, 'GW_CORS_INVALID_PATTERN'],
  [{ allowed_origin_patterns: ['^('] }, 'GW_CORS_INVALID_PATTERN'],
])('cors %o is refused when the configuration is loaded', async (options, code) => {
  await expect(mountMiddleware(cors, options)).rejects.toMatchObject({
    code: 'GW_INVALID_OPTIONS',
    problems: [{ code }],
  })
})

function preflight(origin: string, fields: Readonly<Record<string, string>> = {}) {
  const headers = { origin, 'access-control-request-method': 'PUT', ...fields }
  return { method: 'OPTIONS', headers }
}
