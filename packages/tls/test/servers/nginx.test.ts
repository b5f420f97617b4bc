import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import type { GatewayConfigInput } from '@gatewright/kernel'
import {
  type CertificateFiles,
  certificateFiles,
  request as plainRequest,
  startGateway,
  type TestCertificate,
  testCertificate,
} from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Facts, factsOf, type NginxSetup, startNginx } from './nginx-server.ts'

let ca: TestCertificate
let nginx: Pick<NginxSetup, 'certificate' | 'ca'>
let files: CertificateFiles

beforeAll(async () => {
  ca = await testCertificate({ commonName: 'Test CA', isAuthority: true })
  nginx = { ca, certificate: await testCertificate({ names: ['shop.test', '127.0.0.1'], ca }) }
  const client = await testCertificate({ commonName: 'gateway', ca })
  const front = await testCertificate({ names: ['front.test'], ca })
  files = await certificateFiles({ ca, client, front })
})

afterAll(() => files[Symbol.asyncDispose]())

describe('an nginx with TLS behind HTTP', () => {
  it('is asked many times over one connection', async () => {
    await using server = await startNginx(nginx)
    await using gateway = await startGateway(http(server.port, { server_name: 'shop.test' }))

    const seen: Facts[] = []
    for (let i = 0; i < 50; i++) seen.push(factsOf((await gateway.request('/')).text))

    expect(seen[0]).toMatchObject({ protocol: 'HTTP/1.1', serverName: 'shop.test', session: '.' })
    expect(seen.at(-1)).toMatchObject({ requests: 50 })
  })

  it('is talked to over HTTP/2 if it speaks that', async () => {
    await using server = await startNginx({ ...nginx, http2: true })
    await using gateway = await startGateway(http(server.port))

    const seen = await Promise.all(Array.from({ length: 20 }, () => gateway.request('/')))

    expect(new Set(seen.map(({ text }) => factsOf(text).protocol))).toEqual(new Set(['HTTP/2.0']))
    expect(Math.max(...seen.map(({ text }) => factsOf(text).requests))).toBe(20)
  })

  it.each([false, true])('sends a large file, byte for byte (HTTP/2: %s)', async (http2) => {
    await using server = await startNginx({ ...nginx, http2 })
    await using gateway = await startGateway(http(server.port))

    const { body } = await gateway.request('/file')

    expect(digest(body)).toBe(digest(server.file))
  })

  it('sees the client certificate of the gateway', async () => {
    await using server = await startNginx({ ...nginx, clientCertificates: 'on' })
    const own = { cert_file: 'client.crt', key_file: 'client.key' }
    const baseDir = files.folder
    await using gateway = await startGateway(http(server.port, own), { baseDir })

    expect(factsOf((await gateway.request('/')).text)).toMatchObject({ client: 'CN=gateway' })
  })

  it('says itself that it demands one', async () => {
    await using server = await startNginx({ ...nginx, clientCertificates: 'on' })
    await using gateway = await startGateway(http(server.port))

    const response = await gateway.request('/')

    expect(response.status).toBe(400)
    expect(response.text).toContain('No required SSL certificate was sent')
  })

  it('resumes sessions', async () => {
    await using server = await startNginx(nginx)
    await using gateway = await startGateway(http(server.port))
    await gateway.request('/')
    using busy = await gateway.connect()

    // Whoever asks while that is on its way needs a connection of its own.
    await busy.send('GET /file HTTP/1.1\r\nHost: h\r\n\r\n')
    await busy.readHead()
    const { text } = await gateway.request('/')

    expect(factsOf(text)).toMatchObject({ requests: 1, session: 'r' })
  })
})

describe('an nginx with TLS behind TCP', () => {
  it('gets TLS as it is, by server name, if nobody is to look into it', async () => {
    await using server = await startNginx({ ...nginx, http2: true })
    await using gateway = await startGateway(
      tcp({
        entrypoint: {},
        rule: 'HostSNI(`shop.test`)',
        balancer: { servers: [{ url: `tcp://127.0.0.1:${server.port}` }] },
      }),
    )

    const { text } = await ask(gateway.port(), '/', { servername: 'shop.test' })
    const { body } = await ask(gateway.port(), '/file', { servername: 'shop.test' })

    expect(factsOf(text)).toMatchObject({ serverName: 'shop.test', protocol: 'HTTP/1.1' })
    expect(digest(body)).toBe(digest(server.file))
    await expect(ask(gateway.port(), '/', { servername: 'other.test' })).rejects.toThrow(
      /UNRECOGNIZED_NAME|unrecognized name/,
    )
  })

  it('gets TLS of the gateway for clients without', async () => {
    await using server = await startNginx({ ...nginx, clientCertificates: 'on' })
    const own = { cert_file: 'client.crt', key_file: 'client.key', server_name: 'shop.test' }
    await using gateway = await startGateway(
      tcp({
        entrypoint: {},
        rule: 'HostSNI(`*`)',
        balancer: {
          upstream_tls: { ca_files: ['ca.crt'], ...own },
          servers: [{ url: `tls://127.0.0.1:${server.port}` }],
        },
      }),
      { baseDir: files.folder },
    )
    const url = `http://127.0.0.1:${gateway.port()}`

    const { text } = await plainRequest(`${url}/`)
    const { body } = await plainRequest(`${url}/file`)

    expect(factsOf(text)).toMatchObject({ serverName: 'shop.test', client: 'CN=gateway' })
    expect(digest(body)).toBe(digest(server.file))
  })

  it('gets TLS of the gateway for clients of which the gateway has decrypted theirs', async () => {
    await using server = await startNginx({ ...nginx, proxied: true })
    await using gateway = await startGateway(
      tcp({
        entrypoint: { tls: { cert_file: 'front.crt', key_file: 'front.key' } },
        rule: 'HostSNI(`front.test`)',
        balancer: {
          upstream_tls: { ca_files: ['ca.crt'] },
          proxy_protocol: 'v2',
          servers: [{ url: `tls://127.0.0.1:${server.port}` }],
        },
      }),
      { baseDir: files.folder },
    )
    const from = { servername: 'front.test', localAddress: '127.0.0.9' }

    const { text } = await ask(gateway.port(), '/', from)
    const { body } = await ask(gateway.port(), '/file', from)

    expect(factsOf(text)).toMatchObject({ serverName: '', proxied: '127.0.0.9' })
    expect(digest(body)).toBe(digest(server.file))
  })
})

/** A gateway for HTTP in front of an nginx. */
function http(port: number, tls: Record<string, unknown> = {}): GatewayConfigInput {
  const upstream = { ca_files: [`${files.folder}/ca.crt`], ...tls }
  const servers = [{ url: `https://127.0.0.1:${port}` }]
  return {
    entrypoints: { web: { address: '127.0.0.1:0' } },
    routers: { all: { rule: 'PathPrefix(`/`)', service: 'nginx' } },
    services: { nginx: { load_balancer: { upstream_tls: upstream, servers } } },
  }
}

/** What differs from one gateway of bytes to another. */
interface TcpSetup {
  readonly entrypoint: Record<string, unknown>
  readonly rule: string
  readonly balancer: Record<string, unknown>
}

function tcp({ entrypoint, rule, balancer }: TcpSetup): GatewayConfigInput {
  return {
    entrypoints: { tcp: { protocol: 'tcp', address: '127.0.0.1:0', ...entrypoint } },
    routers: { all: { rule, service: 'nginx' } },
    services: { nginx: { load_balancer: balancer } },
  }
}

/** Asks over TLS, and believes in the authority of the tests only. */
async function ask(port: number, path: string, options: RequestOptions) {
  const asked = request({ host: '127.0.0.1', port, path, ca: ca.cert, agent: false, ...options })
  asked.end()
  // The only argument of the event.
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const pieces: Buffer[] = []
  for await (const piece of response) pieces.push(piece)
  const body = Buffer.concat(pieces)
  return { body, text: body.toString() }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
