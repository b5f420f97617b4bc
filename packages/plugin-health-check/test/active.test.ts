import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2'
import { type AddressInfo, createServer } from 'node:net'
import type { Plugin } from '@gatewright/kernel'
import {
  hang,
  poolFile,
  recordFigures,
  reply,
  startGateway,
  startUpstream,
  type TestGateway,
  type Upstream,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'

describe('servers that are asked', () => {
  it('get a request that says who asks, each over a connection of its own', async () => {
    await using upstream = await startUpstream()
    await using _ = await start([upstream.url], 'path = "/healthz?deep=1"')

    const first = await upstream.nextRequest()
    const second = await upstream.nextRequest()

    expect([first.method, first.target]).toEqual(['GET', '/healthz?deep=1'])
    expect(first.headers).toMatchObject({
      host: `127.0.0.1:${upstream.port}`,
      'user-agent': 'gatewright-healthcheck',
      connection: 'close',
    })
    expect(second.connection).not.toBe(first.connection)
  })

  it('are counted by what was found', async () => {
    await using upstream = await startUpstream([reply(200), reply(500), reply(200)])
    const recorded = recordFigures()
    await using gateway = await start([upstream.url], 'path = "/"', [recorded.plugin])
    const backend = `service="pool",backend="${upstream.url}/"`

    for (let i = 0; i < 3; i++) await upstream.nextRequest()

    await vi.waitFor(() =>
      expect(recorded.read(gateway.gateway)).toMatchObject({
        [`health_checks_total{${backend},result="unhealthy"}`]: 1,
        [`health_checks_total{${backend},result="healthy"}`]: expect.any(Number),
      }),
    )
  })

  it('get what the block says', async () => {
    await using upstream = await startUpstream()
    await using _ = await start(
      [`${upstream.url}/base/`],
      `path = "/up"
       method = "HEAD"
       host = "shop.test"
       headers = { "X-Probe" = "yes" }`,
    )

    const { method, target, headers } = await upstream.nextRequest()

    expect([method, target]).toEqual(['HEAD', '/base/up'])
    expect(headers).toMatchObject({ host: 'shop.test', 'x-probe': 'yes' })
  })

  it('are asked at another port if that is said', async () => {
    await using upstream = await startUpstream()
    await using admin = await startUpstream()
    await using _ = await start([upstream.url], `path = "/"\nport = ${admin.port}`)

    await admin.nextRequest()

    expect(upstream.requests).toEqual([])
  })

  it('get no requests after so many failures, and some again after so many successes', async () => {
    await using a = await startUpstream()
    await using b = await startUpstream()
    await using gateway = await start(
      [a.url, b.url],
      'path = "/up"\nunhealthy_threshold = 2\nhealthy_threshold = 2',
    )

    a.behave(reply(500))
    await unhealthy(gateway, a)
    expect(await served(gateway, [a, b])).toEqual([b, b])
    a.behave(reply(200))
    await healthy(gateway, a)

    expect(new Set(await served(gateway, [a, b]))).toEqual(new Set([a, b]))
    const said = gateway.logs.entries.filter(({ check }) => check === 'active')
    expect(said.map(({ msg, endpoint, problem }) => [msg, endpoint, problem])).toEqual([
      ['server is unhealthy', `${a.url}/`, 'status 500'],
      ['server is healthy', `${a.url}/`, undefined],
    ])
  })

  it.each([
    ['a redirect', reply(301, { location: '/' }), 'status 301'],
    ['a body without the text', reply(200, {}, 'all is lost'), 'the body has no "ready"'],
    ['no answer at all', hang(), 'no answer within 100 ms'],
  ])('are unhealthy if they answer with %s', async (_what, behaviour, problem) => {
    await using upstream = await startUpstream(behaviour)
    await using gateway = await start(
      [upstream.url],
      'path = "/up"\nbody_contains = "ready"\ntimeout = "100ms"\nunhealthy_threshold = 1',
    )

    await unhealthy(gateway, upstream)

    expect(gateway.logs.entries.find(({ check }) => check === 'active')).toMatchObject({ problem })
  })

  it('are unhealthy if nobody listens', async () => {
    const upstream = await startUpstream()
    await upstream.close()
    await using gateway = await start(['http://127.0.0.1:1'], 'path = "/"\nunhealthy_threshold = 1')

    await vi.waitFor(() =>
      expect(gateway.logs.entries.map(({ msg }) => msg)).toContain('server is unhealthy'),
    )
    expect((await gateway.request('/')).status).toBe(503)
  })

  it('are healthy if the text stands somewhere in the body', async () => {
    const body = `${'x'.repeat(50_000)} ready`
    await using upstream = await startUpstream(reply(200, {}, body))
    await using gateway = await start(
      [upstream.url],
      'path = "/up"\nbody_contains = "ready"\ninitial = "unhealthy"',
    )

    await healthy(gateway, upstream)

    expect((await gateway.request('/')).status).toBe(200)
  })

  it('do not wait for each other', async () => {
    await using slow = await startUpstream(hang())
    await using quick = await startUpstream(reply(500))
    await using gateway = await start(
      [slow.url, quick.url],
      'path = "/up"\ntimeout = "1m"\nunhealthy_threshold = 2',
    )

    await unhealthy(gateway, quick)

    expect(slow.requests).toHaveLength(1)
  })

  it('wait for their first probe if the block says so', async () => {
    const { promise: release, resolve } = Promise.withResolvers<void>()
    await using upstream = await startUpstream(async () => {
      await release
      return reply(200)
    })
    await using gateway = await start([upstream.url], 'path = "/up"\ninitial = "unknown-wait"')

    expect((await gateway.request('/')).status).toBe(503)
    resolve()
    await healthy(gateway, upstream)

    expect((await gateway.request('/')).status).toBe(200)
  })
})

describe('servers that speak something else', () => {
  it('are asked whether they accept connections', async () => {
    await using server = await listen()
    await using gateway = await start(
      [server.url],
      'mode = "tcp"\nunhealthy_threshold = 1\ninitial = "unhealthy"',
    )

    await vi.waitFor(() => expect(healthOf(gateway, server.url)).toBe(true))
    await server.close()
    await vi.waitFor(() => expect(healthOf(gateway, server.url)).toBe(false))
  })

  it('are asked over HTTP/2 without TLS', async () => {
    const asked: unknown[] = []
    await using server = await listenHttp2((stream, headers) => {
      asked.push(headers[':path'])
      stream.respond({ ':status': 204 }, { endStream: true })
    })
    await using gateway = await start(
      [server.url],
      'path = "/up"\nscheme = "h2c"\ninitial = "unhealthy"',
    )

    await vi.waitFor(() => expect(healthOf(gateway, server.url)).toBe(true))
    expect(asked[0]).toBe('/up')
  })

  it('are asked with the health protocol of gRPC', async () => {
    let serving = 1
    const asked: string[] = []
    await using server = await listenHttp2((stream, headers) => {
      const pieces: Buffer[] = []
      stream.on('data', (piece: Buffer) => pieces.push(piece))
      stream.on('end', () => {
        const message = Buffer.concat(pieces)
        asked.push(`${String(headers[':path'])} ${message.subarray(7).toString()}`)
        stream.respond(
          { ':status': 200, 'content-type': 'application/grpc' },
          { waitForTrailers: true },
        )
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
        stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, serving]))
      })
    })
    await using gateway = await start(
      [server.url],
      'mode = "grpc"\nservice = "shop.Orders"\ninitial = "unhealthy"\nunhealthy_threshold = 1',
    )

    await vi.waitFor(() => expect(healthOf(gateway, server.url)).toBe(true))
    serving = 2
    await vi.waitFor(() => expect(healthOf(gateway, server.url)).toBe(false))

    expect(asked[0]).toBe('/grpc.health.v1.Health/Check shop.Orders')
    expect(gateway.logs.entries).toContainEqual(expect.objectContaining({ problem: 'NOT_SERVING' }))
  })

  it('say with a gRPC status that they do not know the service', async () => {
    await using server = await listenHttp2((stream) =>
      stream.respond({ ':status': 200, 'grpc-status': '5' }, { endStream: true }),
    )
    await using gateway = await start([server.url], 'mode = "grpc"\nunhealthy_threshold = 1')

    await vi.waitFor(() => expect(healthOf(gateway, server.url)).toBe(false))
    expect(gateway.logs.entries).toContainEqual(
      expect.objectContaining({ problem: 'gRPC status 5' }),
    )
  })
})

describe('a reload', () => {
  it('leaves probes and their findings alone if nothing about them changed', async () => {
    await using upstream = await startUpstream(reply(500))
    await using gateway = await start([upstream.url], 'path = "/up"\nunhealthy_threshold = 1')
    await unhealthy(gateway, upstream)

    await gateway.reload(configOf([upstream.url], 'path = "/up"\nunhealthy_threshold = 1'))

    expect(healthOf(gateway, upstream.url)).toBe(false)
    expect(gateway.logs.entries.filter(({ check }) => check === 'active')).toHaveLength(1)
  })

  it('ends the probes that the configuration has no more, and what they found', async () => {
    await using upstream = await startUpstream(reply(500))
    await using gateway = await start([upstream.url], 'path = "/up"\nunhealthy_threshold = 1')
    await unhealthy(gateway, upstream)

    await gateway.reload(configOf([upstream.url]))
    const probes = upstream.requests.length
    await gateway.request('/')
    await gateway.request('/')

    expect(healthOf(gateway, upstream.url)).toBe(true)
    const later = upstream.requests.slice(probes).map(({ target }) => target)
    expect(later.filter((target) => target === '/up').length).toBeLessThanOrEqual(1)
  })

  it('that is refused starts no probe', async () => {
    await using upstream = await startUpstream()
    await using other = await startUpstream()
    await using gateway = await start([upstream.url], 'path = "/up"')

    const broken = `
      ${configOf([other.url], 'path = "/up"')}
      routers "broken" {
        rule    = "Bogus("
        service = "pool"
      }
    `
    await expect(gateway.reload(broken)).rejects.toMatchObject({ code: 'GW_CONFIG_INVALID' })
    await upstream.nextRequest()
    await upstream.nextRequest()

    expect(other.requests).toEqual([])
  })

  it('lets a server that joins show first that it works', async () => {
    await using a = await startUpstream()
    await using b = await startUpstream(reply(500))
    await using gateway = await start([a.url], 'path = "/up"\nunhealthy_threshold = 1000')

    await gateway.reload(configOf([a.url, b.url], 'path = "/up"\nunhealthy_threshold = 1000'))

    expect([healthOf(gateway, a.url), healthOf(gateway, b.url)]).toEqual([true, false])
    b.behave(reply(200))
    await healthy(gateway, b)
  })

  it('with another check takes over what the former one knew', async () => {
    await using upstream = await startUpstream(reply(500))
    await using gateway = await start([upstream.url], 'path = "/up"\nunhealthy_threshold = 1')
    await unhealthy(gateway, upstream)

    await gateway.reload(configOf([upstream.url], 'path = "/up"\nunhealthy_threshold = 1000'))

    expect(healthOf(gateway, upstream.url)).toBe(false)
    upstream.behave(reply(200))
    await healthy(gateway, upstream)
  })
})

function start(
  urls: readonly string[],
  check: string,
  plugins: readonly Plugin[] = [],
): Promise<TestGateway> {
  return startGateway(configOf(urls, check), { plugins })
}

function configOf(urls: readonly string[], check?: string): string {
  const balancing = check === undefined ? '' : `health_check {\ninterval = "20ms"\n${check}\n}`
  return poolFile(urls, { balancing })
}

function healthOf({ gateway }: TestGateway, url: string): boolean | undefined {
  const pool = gateway.snapshot.services.get('pool')?.pool
  return pool?.all.find((endpoint) => endpoint.url.href === `${url}/`)?.healthy
}

async function healthy(gateway: TestGateway, { url }: Upstream): Promise<void> {
  await vi.waitFor(() => expect(healthOf(gateway, url)).toBe(true))
}

async function unhealthy(gateway: TestGateway, { url }: Upstream): Promise<void> {
  await vi.waitFor(() => expect(healthOf(gateway, url)).toBe(false))
}

/** Which upstreams two requests reach. */
async function served(gateway: TestGateway, upstreams: readonly Upstream[]): Promise<Upstream[]> {
  const marks = ['/first', '/second']
  for (const mark of marks) await gateway.request(mark)
  return marks.flatMap((mark) =>
    upstreams.filter(({ requests }) => requests.some(({ target }) => target === mark)),
  )
}

interface Listening extends AsyncDisposable {
  readonly url: string
  readonly close: () => Promise<void>
}

async function listen(server = createServer((socket) => socket.destroy())): Promise<Listening> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // It listens on TCP.
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${port}`, close, [Symbol.asyncDispose]: close }
}

function listenHttp2(
  onStream: (stream: ServerHttp2Stream, headers: Record<string, unknown>) => void,
): Promise<Listening> {
  const server = createHttp2Server()
  server.on('stream', onStream)
  return listen(server)
}
