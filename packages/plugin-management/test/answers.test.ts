import { reply, request, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { ask, bearer, json, jsonBody, one, readToken, start } from './support/management.ts'

describe('what everybody may read on this machine', () => {
  it('tells how the gateway does', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'hello'))
    await using gateway = await start({ server: upstream.url })
    await gateway.request('/')
    await vi.waitFor(async () => {
      expect(await json(gateway, '/health')).toMatchObject({ total_requests: 1 })
    })

    const { status, headers, text } = await ask(gateway, '/health')

    expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8'])
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(JSON.parse(text)).toMatchObject({
      state: 'Running',
      uptime_secs: expect.any(Number),
      active_connections: 0,
      total_requests: 1,
      workers: 1,
      config: { version: 1, hash: expect.stringMatching(/^[0-9a-f]{16}$/), last_error: null },
      providers: [],
      entrypoints: [
        { name: 'web', address: '127.0.0.1', port: gateway.port('web'), protocol: 'http' },
      ],
      checks: { event_loop_lag_ms: expect.any(Number), heap_used_bytes: expect.any(Number) },
    })
  })

  it('tells of routers, services and servers in the words of the reference', async () => {
    await using upstream = await startUpstream(reply(200))
    await using gateway = await start({ server: upstream.url })
    await gateway.request('/')
    const server = { url: upstream.url, weight: 1, healthy: true, active_connections: 0 }

    const routes = await json(gateway, '/routes')
    const route = await json(gateway, '/routes/all/')
    const services = await json(gateway, '/services')
    const backends = await json(gateway, '/backends')

    expect(route).toMatchObject({
      name: 'all',
      rule: 'PathPrefix(`/`)',
      service: 'app',
      entrypoints: ['web'],
      middlewares: ['tag'],
      priority: 0,
      compiled_priority: 15,
      requests_total: 1,
      errors_total: 0,
    })
    expect(routes).toEqual([route])
    expect(services).toMatchObject([
      {
        name: 'app',
        strategy: 'round-robin',
        backends_total: 1,
        backends_healthy: 1,
        backends: [{ ...server, state: 'up' }],
      },
    ])
    expect(await json(gateway, '/services/app')).toEqual(one(services))
    expect(backends).toMatchObject([{ service: 'app', ...server }])
  })

  it.each([
    ['/version', { name: 'gatewright', version: expect.any(String), api_version: 'v1' }],
    ['/snapshot', { version: 1, routers: 1, live_snapshots: 1, processes: [{ state: 'running' }] }],
    ['/middlewares', [{ name: 'tag', type: 'headers', routers: ['all'] }]],
    ['/entrypoints', [{ name: 'web', protocol: 'http' }]],
    ['/entrypoints/web', { name: 'web', address: '127.0.0.1' }],
    ['/providers', []],
  ])('tells %s', async (path, expected) => {
    await using gateway = await start()

    expect(await json(gateway, path)).toMatchObject(expected)
  })

  it('tells who would take a request, and what it would pass', async () => {
    await using gateway = await start()

    const taken = await json(gateway, '/explain?url=http%3A%2F%2Fshop.test%2Fa&method=POST')
    const passed = await json(gateway, '/pipeline/all')

    expect(taken).toMatchObject({
      request: { method: 'POST', target: '/a', host: 'shop.test' },
      outcome: 'routed',
      chosen: { router: 'all', service: 'app', middlewares: [{ name: 'tag' }] },
    })
    expect(passed).toMatchObject({
      router: 'all',
      steps: expect.arrayContaining([expect.objectContaining({ name: 'tag', type: 'headers' })]),
    })
  })

  it.each([
    ['/pipeline/nope', 404, 'there is no router "nope"'],
    ['/pipeline', 404, 'name a router'],
    ['/explain?url=ftp%3A%2F%2Fx', 400, 'expected'],
    ['/explain', 400, 'expected'],
  ])('says what is wrong with a question: %s', async (path, status, problem) => {
    await using gateway = await start()

    const response = await ask(gateway, path)

    expect([response.status, response.text]).toEqual([
      status,
      expect.stringContaining(problem.replaceAll('"', '\\"')),
    ])
  })

  it('tells which plugins are there', async () => {
    await using gateway = await start()

    expect(await json(gateway, '/plugins')).toContainEqual({
      name: '@gatewright/plugin-headers',
      in_use: true,
    })
  })

  it('tells metrics in the form that the client prefers, if there are some', async () => {
    await using counted = await start({ blocks: 'metrics {}' })
    await using plain = await start()

    const plainText = await ask(counted, '/metrics')
    const open = await ask(counted, '/metrics', {
      headers: { accept: 'application/openmetrics-text' },
    })
    const none = await ask(plain, '/metrics')

    expect(plainText.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(plainText.text).toContain(
      '# TYPE gateway_requests_total counter\ngateway_requests_total 0\n',
    )
    expect(open.headers['content-type']).toMatch(/^application\/openmetrics-text/)
    expect(open.text.endsWith('# EOF\n')).toBe(true)
    expect([none.status, none.text]).toEqual([404, expect.stringContaining('no block metrics')])
  })

  it('tells the configuration with its defaults, and no secret that stands in it', async () => {
    const secrets = [
      'jwt-secret-text-of-32-characters!',
      'basic-secret',
      'redis-secret',
      'upstream-secret',
    ]
    await using gateway = await start({
      env: { JWT: secrets[0] },
      token: readToken,
      blocks: `
        middlewares "jwt" {
          type  = "jwt"
          value = "\${JWT}"
        }
        middlewares "basic" {
          type     = "basic-auth"
          username = "joe"
          password = "basic-secret"
        }
        middlewares "upstream" {
          type            = "headers"
          request_headers = { Authorization = "Bearer upstream-secret", x-tag = "seen" }
        }
        middlewares "redis" {
          type      = "rate-limit-redis"
          rate      = 5
          burst     = 5
          redis_url = "redis://user:redis-secret@127.0.0.1:1/0"
        }`,
    })

    const { status, text } = await ask(gateway, '/config', bearer(readToken))

    expect(status).toBe(200)
    for (const secret of [...secrets, readToken]) expect(text).not.toContain(secret)
    expect(JSON.parse(text)).toMatchObject({
      routers: { all: { priority: 0 } },
      middlewares: {
        basic: { type: 'basic-auth', username: 'joe', password: '[redacted]' },
        upstream: { request_headers: { Authorization: '[redacted]', 'x-tag': 'seen' } },
        redis: { redis_url: expect.stringContaining('127.0.0.1:1/0') },
      },
      management: { token: '[redacted]' },
    })
  })

  it.each(['/unknown', '/routes/nope', '/routes/%E0%A4%A', '/health/x', 'X/health', '', '/'])(
    'has nothing at the prefix with "%s"',
    async (path) => {
      await using gateway = await start()

      expect((await ask(gateway, path)).status).toBe(404)
    },
  )

  it('says of what is missing what it is', async () => {
    await using gateway = await start()

    expect(await json(gateway, '/routes/nope')).toEqual({ error: 'Route not found' })
    expect(await json(gateway, '/services/nope')).toEqual({ error: 'Service not found' })
    expect(await json(gateway, '/unknown')).toEqual({ error: 'Not found' })
  })

  it('answers HEAD like GET without the body, and other methods with 405', async () => {
    await using gateway = await start()

    const head = await ask(gateway, '/health', { method: 'HEAD' })
    const post = await ask(gateway, '/health', { ...jsonBody })
    const get = await ask(gateway, '/reload')

    expect([head.status, head.text]).toEqual([200, ''])
    expect(Number(head.headers['content-length'])).toBeGreaterThan(100)
    expect([post.status, post.headers['allow']]).toEqual([405, 'GET, HEAD'])
    expect([get.status, get.headers['allow']]).toEqual([405, 'POST'])
  })

  it('is no traffic: no metric and no access log has it', async () => {
    await using gateway = await start({ blocks: 'metrics {}' })

    await ask(gateway, '/health')
    await ask(gateway, '/health')

    expect((await ask(gateway, '/metrics')).text).toContain('\ngateway_requests_total 0\n')
    expect(await json(gateway, '/health')).toMatchObject({
      total_requests: 0,
      active_connections: 0,
    })
  })

  it('may have another prefix, and then has nothing at the usual one', async () => {
    await using gateway = await start({ management: 'path_prefix = "/ops"' })

    const there = await request(`${gateway.url('management')}/ops/version`)
    const usual = await ask(gateway, '/version')

    expect([there.status, usual.status]).toEqual([200, 404])
  })
})
