import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import {
  connect,
  deadUrl,
  hang,
  reply,
  requestBytes,
  startGateway,
  startUpstream,
  switching,
  type TestGateway,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { type ReadSpan, startCollector, type TestCollector } from './collector.ts'
import { startHttp2, startTcpEcho, startUdpEcho } from './servers.ts'
import { client, parentId, server, spansOf, traceId, traceparent } from './traced-gateway.ts'

describe('a trace', () => {
  it('goes on in a WebSocket, whose spans last as long as it', async () => {
    await using upstream = await startUpstream(switching('websocket'))
    await using collector = await startCollector()
    await using gateway = await start(collector, upstream.url)

    using socket = await connect(gateway.port())
    const fields = [
      'host: a.test',
      'connection: upgrade',
      'upgrade: websocket',
      'sec-websocket-version: 13',
      'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
      `traceparent: ${traceparent}`,
    ]
    await socket.send(`GET /chat HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`)
    expect((await socket.readHead()).status).toBe(101)
    expect(collector.spans).toEqual([])
    socket.end()

    const { entry, attempts } = await treeOf(gateway, collector, 2)
    expect(entry?.attributes).toMatchObject({
      'http.response.status_code': 101,
      'network.protocol.name': 'websocket',
    })
    const [attempt] = attempts
    expect(attempt?.startMs).toBeGreaterThanOrEqual(entry?.startMs ?? 0)
    expect(upstream.requests[0]?.headerValues('traceparent')).toEqual([sent(attempt)])
  })

  it('goes on from a client of HTTP/2 to a server of HTTP/2', async () => {
    await using upstream = await startHttp2()
    await using collector = await startCollector()
    await using gateway = await start(collector, `h2c://127.0.0.1:${upstream.port}`)

    await ask(gateway, { ':path': '/a', traceparent })

    const { entry, attempts } = await treeOf(gateway, collector, 2)
    expect(entry?.attributes['network.protocol.version']).toBe('2')
    expect(upstream.asked.map((headers) => headers['traceparent'])).toEqual([sent(attempts[0])])
  })

  it('goes on in a call of gRPC, and says how that ended', async () => {
    await using upstream = await startHttp2('14')
    await using collector = await startCollector()
    await using gateway = await start(collector, `grpc://127.0.0.1:${upstream.port}`)

    await ask(gateway, {
      ':method': 'POST',
      ':path': '/test.Echo/Unary',
      'content-type': 'application/grpc',
      te: 'trailers',
      traceparent,
    })

    const { entry, attempts } = await treeOf(gateway, collector, 2)
    for (const span of [entry, attempts[0]]) {
      expect(span).toMatchObject({
        failed: true,
        attributes: {
          'gateway.code': 'UNAVAILABLE',
          'error.type': 'UNAVAILABLE',
          'http.response.status_code': 200,
        },
      })
    }
    expect(upstream.asked.map((headers) => headers['traceparent'])).toEqual([sent(attempts[0])])
  })

  it('has the copies of a request beside it', async () => {
    await using upstream = await startUpstream()
    await using shadow = await startUpstream(reply(503))
    await using collector = await startCollector()
    const mirror = 'mirror {\n service = "other"\n }'
    await using gateway = await start(collector, upstream.url, mirror, shadow.url)

    await gateway.request('/', { headers: { traceparent } })

    const { entry, attempts } = await treeOf(gateway, collector, 3)
    const copy = attempts.find(({ attributes }) => attributes['mirror'] === true)
    const original = attempts.find(({ attributes }) => attributes['mirror'] === undefined)
    expect(copy?.parentSpanId).toBe(entry?.spanId)
    expect(copy).toMatchObject({
      failed: true,
      attributes: { 'gateway.service': 'other', 'http.response.status_code': 503 },
    })
    expect(upstream.requests[0]?.headerValues('traceparent')).toEqual([sent(original)])
    expect(shadow.requests[0]?.headerValues('traceparent')).toEqual([sent(copy)])
  })

  it('names the service that took a request over', async () => {
    await using other = await startUpstream()
    await using collector = await startCollector()
    const failover = 'failover {\n service = "other"\n }'
    await using gateway = await start(collector, await deadUrl(), failover, other.url)
    const pool = gateway.gateway.snapshot.services.get('app')?.pool
    for (const endpoint of pool?.all ?? []) pool?.setHealthy(endpoint, 'test', false)

    await gateway.request('/', { headers: { traceparent } })

    const { entry, attempts } = await treeOf(gateway, collector, 2)
    expect(entry?.attributes['gateway.service']).toBe('app')
    expect(attempts[0]?.attributes['gateway.service']).toBe('other')
    expect(other.requests[0]?.headerValues('traceparent')).toEqual([sent(attempts[0])])
  })

  it('tells of a client that went away', async () => {
    await using upstream = await startUpstream(hang())
    await using collector = await startCollector()
    await using gateway = await start(collector, upstream.url)
    const gone = await connect(gateway.port())
    await gone.send(requestBytes('GET', '/hangs', 'a.test'))
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(1))

    gone.reset()

    const spans = await spansOf(gateway, collector, 2)
    expect(spans.map(({ failed, attributes }) => [failed, attributes['error.type']])).toEqual([
      [false, 'GW_CLIENT_ABORTED'],
      [true, 'GW_CLIENT_ABORTED'],
    ])
    expect(spans[0]?.attributes['http.response.status_code']).toBe(499)
  })

  it('begins with each connection of TCP', async () => {
    await using echo = await startTcpEcho()
    await using collector = await startCollector()
    await using gateway = await startGateway(streams(collector, `tcp://127.0.0.1:${echo.port}`))

    using socket = await gateway.connect()
    await socket.send('hello')
    expect(String(await socket.readBytes(5))).toBe('hello')
    socket.end()
    await socket.readToEnd()

    const { entry, attempts } = await treeOf(gateway, collector, 2, undefined)
    expect(entry).toMatchObject({ name: 'TCP all', failed: false })
    expect(entry?.attributes).toMatchObject({
      'network.transport': 'tcp',
      'client.address': '127.0.0.1',
      'server.port': gateway.port(),
      'gateway.entrypoint': 'in',
      'gateway.received_bytes': 5,
      'gateway.sent_bytes': 5,
    })
    expect(attempts).toMatchObject([{ name: 'connect', failed: false }])
  })

  it('begins with each session of UDP', async () => {
    await using echo = await startUdpEcho()
    await using collector = await startCollector()
    const config = streams(collector, `udp://127.0.0.1:${echo.port}`, 'udp')
    await using gateway = await startGateway(config)

    expect(await echo.ask(gateway.port(), 'hello')).toBe('hello')

    const { entry, attempts } = await treeOf(gateway, collector, 2, undefined)
    expect(entry).toMatchObject({
      name: 'UDP all',
      attributes: { 'network.transport': 'udp', 'gateway.sent_bytes': 5 },
    })
    expect(attempts).toMatchObject([{ name: 'connect', failed: false }])
  })

  it('tells of a connection of TCP that led nowhere', async () => {
    await using collector = await startCollector()
    const dead = (await deadUrl()).replace('http:', 'tcp:')
    await using gateway = await startGateway(streams(collector, dead))

    using socket = await gateway.connect()
    await socket.readToEnd()

    const { entry, attempts } = await treeOf(gateway, collector, 2, undefined)
    expect(entry).toMatchObject({ failed: true })
    expect(attempts).toMatchObject([{ failed: true }])
  })
})

describe('those whom middlewares ask', () => {
  it.each([
    { options: '', told: false },
    { options: 'subrequests = true', told: true },
  ])('are told of the trace with "$options": $told', async ({ options, told }) => {
    await using upstream = await startUpstream()
    await using guard = await startUpstream(reply(200))
    await using collector = await startCollector()
    await using gateway = await startGateway(`
      ${tracing(collector, options)}
      ${http(upstream.url, '', upstream.url, '"guard"')}
      middlewares "guard" {
        type             = "forward-auth"
        forward_auth_url = "${guard.url}"
      }
    `)

    await gateway.request('/', { headers: { traceparent, b3: '0' } })

    const { entry } = await treeOf(gateway, collector, 2)
    const [asked] = guard.requests
    expect(asked?.headerValues('traceparent')).toEqual(told ? [sent(entry)] : [])
    expect(asked?.headerValues('b3')).toEqual([])
  })
})

/** The field that the server of a try has got. */
function sent(span: ReadSpan | undefined): string {
  return `00-${traceId}-${span?.spanId}-01`
}

/** The span of the one exchange, and those of its tries, all in one trace. */
async function treeOf(
  gateway: TestGateway,
  collector: TestCollector,
  count: number,
  parent: string | undefined = parentId,
): Promise<{ entry: ReadSpan | undefined; attempts: ReadSpan[] }> {
  const spans = await spansOf(gateway, collector, count)
  const entry = spans.find(({ kind }) => kind === server)
  const attempts = spans.filter(({ kind }) => kind === client)
  expect(entry?.parentSpanId).toBe(entry?.traceId === traceId ? parent : undefined)
  for (const span of spans) expect(span.traceId).toBe(entry?.traceId)
  for (const attempt of attempts) expect(attempt.parentSpanId).toBe(entry?.spanId)
  return { entry, attempts }
}

function start(
  collector: TestCollector,
  url: string,
  service = '',
  other = url,
): Promise<TestGateway> {
  return startGateway(`${tracing(collector)}\n${http(url, service, other)}`)
}

function tracing({ url }: TestCollector, options = ''): string {
  return `
    tracing {
      otlp_endpoint = "${url}"
      trust         = "always"
      ${options}
    }
  `
}

function http(url: string, service: string, other: string, middlewares = ''): string {
  return `
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "all" {
      rule        = "PathPrefix(\`/\`)"
      service     = "app"
      middlewares = [${middlewares}]
    }
    services "app" {
      load_balancer {
        servers = [{ url = "${url}" }]
      }
      ${service}
    }
    services "other" {
      load_balancer {
        servers = [{ url = "${other}" }]
      }
    }
  `
}

function streams(collector: TestCollector, url: string, protocol = 'tcp'): string {
  return `
    ${tracing(collector)}
    entrypoints "in" {
      address  = "127.0.0.1:0"
      protocol = "${protocol}"
      ${protocol === 'udp' ? 'udp_responses = 1' : ''}
    }
    routers "all" {
      rule    = "${protocol === 'udp' ? '*' : 'HostSNI(`*`)'}"
      service = "app"
    }
    services "app" {
      load_balancer {
        servers = [{ url = "${url}" }]
      }
    }
  `
}

/** One request over HTTP/2, to its end. */
async function ask(gateway: TestGateway, headers: Record<string, string>): Promise<void> {
  const session = connectHttp2(gateway.url())
  const stream = session.request(headers)
  stream.resume().end()
  await once(stream, 'close')
  session.close()
  await once(session, 'close')
}
