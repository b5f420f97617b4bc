import { inspect } from 'node:util'
import { defineMiddleware, definePlugin } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { chunked, createTestGateway, fakeUpstream, hang, hcl, resetAfter } from '../../src/index.ts'

interface HelloOptions {
  readonly text: string
}

const hello = definePlugin({
  name: 'hello',
  setup(gateway) {
    gateway.middlewares.register(
      defineMiddleware<HelloOptions>({
        type: 'hello',
        schema: {
          type: 'object',
          additionalProperties: false,
          properties: { text: { type: 'string', default: 'hi', description: 'Value.' } },
        },
        create: ({ text }) => ({
          onResponse: (_, response) => response.headers.set('x-hello', text),
        }),
      }),
    )
  },
})

describe('createTestGateway', () => {
  it('puts a plugin in front of a server with nothing but its block', async () => {
    await using gw = await createTestGateway({
      plugins: [hello],
      config: hcl`middlewares "hi" { type = "hello" }`,
    })

    const response = await gw.inject('/users?page=2')

    expect(response).toMatchObject({ status: 200, headers: { 'x-hello': 'hi' } })
    expect(gw.upstream.calls).toMatchObject([{ method: 'GET', target: '/users?page=2' }])
  })

  it('answers the same over a socket as in memory', async () => {
    await using gw = await createTestGateway({
      plugins: [hello],
      config: routed('hi'),
      upstreams: {
        api: fakeUpstream.http({ status: 201, headers: { 'x-from': 'api' }, json: { a: 1 } }),
      },
    })

    const injected = await gw.inject({ method: 'POST', url: 'http://a.test/x', body: 'sent' })
    const fetched = await gw.fetch('http://a.test/x', { method: 'POST', body: 'sent' })

    expect(injected).toMatchObject({ status: 201, text: '{"a":1}' })
    expect(fetched.status).toBe(201)
    expect(await fetched.json()).toEqual({ a: 1 })
    for (const name of ['x-from', 'x-hello', 'content-type']) {
      expect(fetched.headers.get(name)).toBe(injected.headers[name])
    }
  })

  it('replaces the servers of services that the configuration has', async () => {
    const api = fakeUpstream.http(202)
    await using gw = await createTestGateway({
      config: hcl`
        entrypoints "public" {
          address = "192.0.2.1:80"
        }
        routers "api" {
          rule        = "Host(\`api.test\`)"
          entrypoints = ["public"]
          service     = "api"
        }
        services "api" {
          load_balancer {
            connect_timeout = "1s"
            servers         = [{ url = "http://192.0.2.1:9", weight = 3 }]
          }
        }
      `,
      upstreams: { api },
    })

    const [there, elsewhere] = [
      await gw.inject('http://api.test/'),
      await gw.inject('http://other.test/'),
    ]

    expect(there.status).toBe(202)
    expect(elsewhere).toMatchObject({ status: 404, error: { code: 'GW_NO_ROUTE' } })
    expect(api.calls).toHaveLength(1)
    expect((await gw.fetch('http://api.test/')).status).toBe(202)
  })

  it('lets fakes misbehave', async () => {
    const api = fakeUpstream.http([503, resetAfter(5, chunked(200, {}, ['x'])), hang()])
    await using gw = await createTestGateway({ upstreams: { api } })
    const left = new AbortController()

    expect((await gw.inject()).status).toBe(503)
    expect((await gw.inject()).error?.code).toMatch(/^GW_UPSTREAM_/)
    const waiting = gw.inject({ signal: left.signal })
    await api.waitForCalls(3)
    left.abort()
    expect((await waiting).error?.code).toBe('GW_CLIENT_ABORTED')
  })

  it('sends bodies in pieces, with trailers, and reads responses in pieces', async () => {
    const turns: string[] = []
    const api = fakeUpstream.memory(async (request) => ({
      headers: { 'x-got': `${request.text} ${request.trailers['x-sum']}` },
      body: 'whole',
      trailers: { 'x-after': '1' },
    }))
    await using gw = await createTestGateway({ upstreams: { api } })
    async function* pieces(): AsyncGenerator<string> {
      turns.push('a')
      yield 'a'
      turns.push('b')
      yield 'b'
    }

    const response = await gw.inject({ method: 'POST', body: pieces(), trailers: { 'x-sum': '2' } })

    expect(response).toMatchObject({
      text: 'whole',
      headers: { 'x-got': 'ab 2' },
      trailers: { 'x-after': '1' },
    })
    expect(turns).toEqual(['a', 'b'])
  })

  it('hands out a response while it comes', async () => {
    const go = Promise.withResolvers<void>()
    async function* events(): AsyncGenerator<string> {
      yield 'data: 1\n\n'
      await go.promise
      yield 'data: 2\n\n'
    }
    const api = fakeUpstream.http(chunked(200, { 'content-type': 'text/event-stream' }, events))
    await using gw = await createTestGateway({ upstreams: { api } })

    using response = await gw.stream('/events')
    const first = await response.next()
    go.resolve()
    const rest = (await response.toEnd()).text

    expect(String(first)).toBe('data: 1\n\n')
    expect(rest).toBe('data: 1\n\ndata: 2\n\n')
  })

  it('tells the gateway who the client is', async () => {
    const seen: unknown[] = []
    const looking = definePlugin({
      name: 'looking',
      setup: (gateway) =>
        gateway.hooks.request.tap('looking', ({ clientAddress, connection }) => {
          const { encrypted, serverName, entrypoint } = connection
          seen.push({ clientAddress, encrypted, serverName, entrypoint })
          return undefined
        }),
    })
    await using gw = await createTestGateway({ plugins: [looking] })

    await gw.inject({ url: 'https://A.test:8443/x', remote: '203.0.113.9' })
    await gw.inject({ tls: { sni: 'b.test' } })

    expect(seen).toEqual([
      { clientAddress: '203.0.113.9', encrypted: true, serverName: 'a.test', entrypoint: 'web' },
      { clientAddress: '127.0.0.1', encrypted: true, serverName: 'b.test', entrypoint: 'web' },
    ])
  })

  it('believes proxies that the entrypoint trusts', async () => {
    await using gw = await createTestGateway({
      config: hcl`
        entrypoints "web" {
          address = "127.0.0.1:80"
          forwarded_headers {
            trusted_ips = ["10.0.0.0/8"]
          }
        }
      `,
    })
    const headers = { 'x-forwarded-for': '203.0.113.9' }

    const [trusted, other] = [
      await gw.inject({ headers, remote: '10.0.0.1' }),
      await gw.inject({ headers, remote: '192.0.2.1' }),
    ]

    expect(trusted.ctx.clientAddress).toBe('203.0.113.9')
    expect(other.ctx.clientAddress).toBe('192.0.2.1')
    expect(gw.upstream.calls.map((call) => call.headers['x-forwarded-for'])).toEqual([
      '203.0.113.9, 10.0.0.1',
      '192.0.2.1',
    ])
  })

  it('reloads in front of the same fakes', async () => {
    const api = fakeUpstream.http()
    await using gw = await createTestGateway({
      plugins: [hello],
      config: routed('hi', 'before'),
      upstreams: { api },
    })

    await gw.reload(routed('hi', 'after'))

    expect((await gw.inject()).headers['x-hello']).toBe('after')
    expect(api.calls).toHaveLength(1)
  })

  it('builds what it was given last anew if it is told to reload without more', async () => {
    let built = 0
    const counting = definePlugin({
      name: 'counting',
      setup: (gateway) => gateway.hooks.activate.tap('counting', () => void built++),
    })
    await using gw = await createTestGateway({
      plugins: [hello, counting],
      config: routed('hi', 'first'),
    })
    await gw.reload(routed('hi', 'second'))
    await expect(gw.reload('middlewares {')).rejects.toThrow('never closed')

    await gw.reload()

    expect((await gw.inject()).headers['x-hello']).toBe('second')
    expect(built).toBe(3)
  })

  it('says where it listens in one line, to whoever prints it', async () => {
    await using gw = await createTestGateway({ config: 'management {}' })

    expect(inspect(gw)).toMatch(
      /^TestGateway \{ state: 'running', web: '127\.0\.0\.1:\d+', management: '127[^']+' \}$/,
    )
  })

  it('has a way to the management listener, at a free port', async () => {
    await using gw = await createTestGateway({
      config: hcl`
        management {
          address = "127.0.0.1:9090"
        }
      `,
    })

    expect((await gw.fetch('/readyz', { entrypoint: 'management' })).status).toBe(200)
    expect(gw.port('management')).not.toBe(9090)
    expect(gw.port()).toBe(gw.port('web'))
  })

  it('tells logs, metrics and what routers make of a request', async () => {
    await using gw = await createTestGateway({ plugins: [hello], config: routed('hi') })
    gw.gateway.log.warn({ plugin: 'hello', count: 1 }, 'it happened twice')

    await gw.inject()

    expect(gw.logs.find({ level: 'warn', msg: /happened/ })).toMatchObject([{ plugin: 'hello' }])
    expect(await gw.metrics.get('gateway_responses_total', { status_class: '2xx' })).toBe(1)
    expect(await gw.metrics.get('gateway_none')).toBeUndefined()
    expect(gw.explain('/x')).toMatchObject([{ router: 'all', matches: true }])
    expect(gw.gateway.exchanges).toBe(0)
  })

  it('reads the metrics of a block "observability"', async () => {
    await using gw = await createTestGateway({
      config: hcl`
        observability {
          metrics {}
        }
      `,
    })

    await gw.inject()

    expect(await gw.metrics.get('gateway_requests_total')).toBe(1)
  })

  it('throws what is wrong with the configuration', async () => {
    const started = createTestGateway({ config: hcl`middlewares "hi" { type = "helo" }` })

    await expect(started).rejects.toMatchObject({ code: 'GW_CONFIG_INVALID' })
  })

  it('says which entrypoints there are when one is missing', async () => {
    await using gw = await createTestGateway()

    await expect(gw.inject({ entrypoint: 'api' })).rejects.toThrow(
      'there is no entrypoint "api"; the configuration has: web (http)',
    )
  })
})

function routed(middleware: string, text = 'hi'): string {
  return hcl`
    middlewares "${middleware}" {
      type = "hello"
      text = "${text}"
    }
  `
}
