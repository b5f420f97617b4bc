import { once } from 'node:events'
import type { Socket } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { definePlugin, type GatewayConfigInput } from '@gatewright/kernel'
import {
  type CertificateFiles,
  certificateFiles,
  startGateway,
  type TestCertificate,
  type TestGateway,
  testCertificate,
} from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { writeProxyHeader } from '../src/proxy-header-writer.ts'
import { hello } from './hellos.ts'
import { configFor, dial, readBytes, receive, startServer } from './servers.ts'

const both = {
  certificates: [
    { cert_file: 'a.crt', key_file: 'a.key' },
    { cert_file: 'b.crt', key_file: 'b.key' },
  ],
}

let ca: TestCertificate
let files: CertificateFiles

beforeAll(async () => {
  ca = await testCertificate({ commonName: 'Test CA', isAuthority: true })
  files = await certificateFiles({
    ca,
    a: await testCertificate({ names: ['a.test'], ca }),
    b: await testCertificate({ names: ['b.test'], ca }),
  })
})

afterAll(() => files[Symbol.asyncDispose]())

describe('a TCP entrypoint with TLS', () => {
  it('passes on what its clients say in cleartext', async () => {
    await using server = await startServer()
    await using gateway = await start(configFor([server.url], { entrypoint: { tls: both } }))
    const client = await dialTls(gateway, 'a.test')
    const bytes = 'x'.repeat(1_000_000)

    client.end(bytes)
    const received = await receive(client)

    expect(received).toEqual({ text: bytes, bytes: bytes.length, ending: 'end' })
  })

  it('routes by the name and the protocols of the handshake', async () => {
    await using a = await startServer((socket) => socket.end('a'))
    await using b = await startServer((socket) => socket.end('b'))
    await using rest = await startServer((socket) => socket.end('rest'))
    await using gateway = await start({
      entrypoints: { tcp: { protocol: 'tcp', address: '127.0.0.1:0', tls: both } },
      routers: {
        a: { rule: 'HostSNI(`a.test`)', service: 'a' },
        b: { rule: 'ALPN(`mqtt`)', service: 'b' },
        rest: { rule: 'HostSNI(`*`)', service: 'rest' },
      },
      services: {
        a: { load_balancer: { servers: [{ url: a.url }] } },
        b: { load_balancer: { servers: [{ url: b.url }] } },
        rest: { load_balancer: { servers: [{ url: rest.url }] } },
      },
    })
    const says = async (servername: string, options: ConnectionOptions = {}): Promise<string> => {
      const client = await dialTls(gateway, servername, options)
      const { text } = await receive(client)
      client.end()
      return text
    }

    expect(await says('a.test')).toBe('a')
    expect(await says('b.test', { ALPNProtocols: ['mqtt'] })).toBe('b')
    expect(await says('b.test')).toBe('rest')
  })

  it('presents the certificate of the name', async () => {
    await using server = await startServer()
    await using gateway = await start(configFor([server.url], { entrypoint: { tls: both } }))

    const client = await dialTls(gateway, 'b.test')

    expect(client.authorized).toBe(true)
    client.end()
    await receive(client)
  })

  it('lets each side end by itself', async () => {
    await using server = await startServer(() => undefined)
    await using gateway = await start(configFor([server.url], { entrypoint: { tls: both } }))
    const client = await dialTls(gateway, 'a.test')
    const socket = await server.next()

    client.end('all there is')
    expect((await receive(socket)).text).toBe('all there is')
    socket.end('and an answer')

    expect(await receive(client)).toMatchObject({ text: 'and an answer', ending: 'end' })
  })

  it('lets the server end first', async () => {
    await using server = await startServer(() => undefined)
    await using gateway = await start(configFor([server.url], { entrypoint: { tls: both } }))
    const client = await dialTls(gateway, 'a.test')
    const socket = await server.next()
    const received = receive(socket)

    socket.end('bye')
    expect(await receive(client)).toMatchObject({ text: 'bye', ending: 'end' })
    client.end('one more')

    expect((await received).text).toBe('one more')
  })

  it('takes what the server says first', async () => {
    await using server = await startServer((socket) => socket.write('220 ready\r\n'))
    await using gateway = await start(configFor([server.url], { entrypoint: { tls: both } }))
    const client = await dialTls(gateway, 'a.test')

    expect(await readBytes(client, 11)).toBe('220 ready\r\n')
    client.destroy()
  })

  it('takes a PROXY header in front of the handshake', async () => {
    await using server = await startServer()
    const entrypoint = { tls: both, proxy_protocol: { trusted_ips: ['127.0.0.1'] } }
    const balancer = { proxy_protocol: 'v1' }
    await using gateway = await start(configFor([server.url], { entrypoint, balancer }))
    const socket = await dial(gateway.port())
    socket.write(
      writeProxyHeader('v1', {
        sourceAddress: '192.0.2.7',
        sourcePort: 4711,
        destinationAddress: '192.0.2.1',
        destinationPort: 443,
      }),
    )
    const client = await secure(socket, 'a.test')

    client.write('hello')

    expect(await readBytes(client, 46)).toBe('PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\nhello')
    client.destroy()
  })

  it('closes on clients without TLS, and on those that take too long', async () => {
    await using server = await startServer()
    const entrypoint = { tls: { ...both, handshake_timeout: '50ms' } }
    await using gateway = await start(configFor([server.url], { entrypoint }))
    const plain = await dial(gateway.port())
    const silent = await dial(gateway.port())

    plain.write('GET / HTTP/1.1\r\n\r\n')

    expect((await receive(plain)).bytes).toBe(0)
    expect((await receive(silent)).bytes).toBe(0)
    expect(server.sockets).toHaveLength(0)
  })

  it('tells what its clients have shown of themselves', async () => {
    await using server = await startServer()
    const seen = vi.fn<(subject: string | undefined) => void>()
    const watching = definePlugin({
      name: 'watching',
      setup: ({ hooks }) => {
        hooks.finish.tap('watching', ({ connection }) =>
          seen(connection.clientCertificate?.subject),
        )
      },
    })
    const client_auth = { ca_files: ['ca.crt'], mode: 'require' }
    await using gateway = await startGateway(
      configFor([server.url], { entrypoint: { tls: { ...both, client_auth } } }),
      { baseDir: files.folder, plugins: [watching] },
    )
    const alice = await testCertificate({ commonName: 'alice', ca })
    const client = await dialTls(gateway, 'a.test', alice)

    client.end('x')
    await receive(client)

    await vi.waitFor(() => expect(seen).toHaveBeenCalledWith('CN=alice'))
  })

  it('takes new options without being closed, and keeps its connections', async () => {
    await using server = await startServer()
    await using gateway = await start(configFor([server.url], { entrypoint: { tls: both } }))
    const before = await dialTls(gateway, 'a.test')
    const port = gateway.port()
    const tls = { cert_file: 'b.crt', key_file: 'b.key', min_version: '1.3' }

    await gateway.reload(configFor([server.url], { entrypoint: { tls } }))
    const after = await dialTls(gateway, 'b.test')
    for (const client of [before, after]) client.end('still here')

    expect(gateway.port()).toBe(port)
    expect((await receive(before)).text).toBe('still here')
    expect((await receive(after)).text).toBe('still here')
  })
})

describe('a TCP entrypoint without TLS', () => {
  it('tells clients that no route has the name that they ask for', async () => {
    await using server = await startServer()
    const router = { rule: 'HostSNI(`known.test`)' }
    await using gateway = await start(configFor([server.url], { router }))
    const client = await dial(gateway.port())

    client.write(hello({ name: 'unknown.test' }))

    expect((await receive(client)).text).toBe('\x15\x03\x03\x00\x02\x02p')
  })
})

function start(config: GatewayConfigInput): Promise<TestGateway> {
  return startGateway(config, { baseDir: files.folder })
}

async function dialTls(
  gateway: TestGateway,
  servername: string,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  return secure(await dial(gateway.port()), servername, options)
}

async function secure(
  socket: Socket,
  servername: string,
  { cert, key, ALPNProtocols }: ConnectionOptions = {},
): Promise<TLSSocket> {
  const client = connect({
    socket,
    servername,
    ca: ca.cert,
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(ALPNProtocols !== undefined && { ALPNProtocols }),
  })
  await once(client, 'secureConnect')
  return client.on('error', () => undefined)
}
