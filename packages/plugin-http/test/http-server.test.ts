import { GatewayResponse, type Ingress, RequestContext, type Snapshot } from '@gatewright/kernel'
import { connect, recordLogs } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import type { HttpEntrypointOptions } from '../src/entrypoint-options.ts'
import { HttpServer } from '../src/http-server.ts'
import { createHttpProtocol } from '../src/index.ts'

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

describe('the server of an entrypoint', () => {
  it('gives its address up for another one and keeps its connections', async () => {
    const first = serverAt(0, 'first')
    const { port } = await first.listen()
    using client = await connect(port)
    const second = serverAt(port, 'second')
    await expect(second.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' })

    await first.release()
    expect((await second.listen()).port).toBe(port)
    using other = await connect(port)
    await client.send(get)
    await other.send(get)

    expect((await client.readResponse()).text).toBe('first')
    expect((await other.readResponse()).text).toBe('second')
    await Promise.all([drain(first), drain(second)])
  })

  it('listens again after it was released', async () => {
    const server = serverAt(0, 'again')
    await server.listen()
    await server.release()
    const { port, address } = await server.listen()
    using client = await connect(port)

    await client.send(get)

    expect(address).toBe('127.0.0.1')
    expect((await client.readResponse()).text).toBe('again')
    await drain(server)
  })

  it('drains though it was never opened, and more than once', async () => {
    const server = serverAt(0, 'never')

    await drain(server)
    await drain(server)
    await server.release()

    expect((await server.listen()).port).toBeGreaterThan(0)
    await drain(server)
  })

  it('takes a name and limits for the connections to come', async () => {
    const server = serverAt(0, 'configured')
    const { port } = await server.listen()
    using before = await connect(port)
    await before.send(get)
    await before.readResponse()

    server.configure(
      { ...options, http: { ...options.http, max_target_bytes: 10 } },
      'renamed',
      scopeOf('renamed'),
    )
    using after = await connect(port)
    const long = 'GET /0123456789 HTTP/1.1\r\nHost: h\r\n\r\n'
    await before.send(long)
    await after.send(long)

    expect((await before.readResponse()).status).toBe(200)
    expect((await after.readResponse()).status).toBe(414)
    await drain(server)
  })

  it('closes a connection after so many requests', async () => {
    const server = serverAt(0, 'x', { ...options.http, max_requests_per_connection: 2 })
    const { port } = await server.listen()
    using client = await connect(port)

    await client.send(get.repeat(3))
    const first = await client.readResponse()
    const second = await client.readResponse()

    expect(first.headers['connection']).toBeUndefined()
    expect(second.headers['connection']).toBe('close')
    expect(await client.readToEnd()).toHaveLength(0)
    await drain(server)
  })

  it('is what the protocol "http" makes', () => {
    expect(createHttpProtocol()).toMatchObject({ type: 'http', kind: 'http', network: 'tcp' })
  })
})

const options: HttpEntrypointOptions = {
  forwarded_headers: { trusted_ips: [], insecure: false },
  http: {
    max_header_bytes: 16_384,
    max_headers: 100,
    max_target_bytes: 8192,
    header_timeout: 10_000,
    upload_idle_timeout: 60_000,
    write_timeout: 60_000,
    keep_alive_timeout: 75_000,
    min_upload_rate: 0,
    min_download_rate: 0,
    min_rate_grace: 5000,
    max_requests_per_connection: 0,
    h2: true,
    h2c: true,
    max_concurrent_streams: 250,
    max_header_list_bytes: 65_536,
    max_resets: 200,
    max_settings: 100,
    max_pings: 500,
  },
  overload: { max_event_loop_delay: 0, max_requests: 0 },
}

function serverAt(port: number, answer: string, http = options.http): HttpServer {
  const address = { host: '127.0.0.1', port }
  return new HttpServer(address, { ...options, http }, ingressFor(answer), scopeOf('web'))
}

function scopeOf(name: string): ConstructorParameters<typeof HttpServer>[3] {
  return {
    name,
    log: recordLogs().log,
    share: 1,
    sharedSecret: undefined,
    resolvePath: (path) => path,
    keep: (_, create) => create(),
    onActivate: () => undefined,
    onDeactivate: () => undefined,
  }
}

async function drain(server: HttpServer): Promise<void> {
  await server.drain(AbortSignal.abort())
}

/** A gateway that has the same answer for everybody. */
function ingressFor(answer: string): Ingress {
  // Nothing here looks at more of a configuration.
  const snapshot = { config: {} } as Snapshot
  return {
    snapshot,
    draining: false,
    admit: () => undefined,
    identify: () => undefined,
    refused: () => undefined,
    openRequest: (connection, request) => new RequestContext(connection, snapshot, request),
    openStream: () => {
      throw new Error('HTTP has no streams')
    },
    knowsUpgrade: () => false,
    refuse: (connection, request, error) => ({
      ctx: new RequestContext(connection, snapshot, request),
      response: new GatewayResponse({ status: error.status, error }),
    }),
    handle: () => new GatewayResponse({ status: 200, body: answer }),
    enter: async () => undefined,
    establish: () => undefined,
    abort: () => undefined,
    close: () => undefined,
  }
}
