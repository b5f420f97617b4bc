import { once } from 'node:events'
import { createSecureServer } from 'node:http2'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import {
  type CertificateFiles,
  certificateFiles,
  startGateway,
  type TestCertificate,
  type TestGateway,
  testCertificate,
} from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let ca: TestCertificate
let certificate: TestCertificate
let files: CertificateFiles

beforeAll(async () => {
  ca = await testCertificate({ commonName: 'Test CA', isAuthority: true })
  certificate = await testCertificate({ names: ['127.0.0.1'], ca })
  const client = await testCertificate({ commonName: 'gateway', ca })
  files = await certificateFiles({ ca, client })
})

afterAll(() => files[Symbol.asyncDispose]())

describe('servers with https://', () => {
  it.each([
    { keys: {}, version: '1.1' },
    { keys: { alpn: ['h2'] }, version: '2.0' },
  ])('are asked as upstream_tls says, over HTTP/$version', async ({ keys, version }) => {
    await using server = await startServer()
    const own = { cert_file: `${files.folder}/client.crt`, key_file: `${files.folder}/client.key` }
    await using gateway = await start(server.url, { ...trusting(), ...own, ...keys })

    await expect.poll(() => healthOf(gateway)).toBe(true)

    expect(server.asked[0]).toBe(`${version} /up CN=gateway`)
  })

  it('are sick if they cannot prove who they are, of which the log tells', async () => {
    await using server = await startServer()
    await using gateway = await start(server.url, {}, { initial: 'healthy' })

    await expect.poll(() => healthOf(gateway)).toBe(false)

    expect(gateway.logs.find({ msg: 'server is unhealthy' })).toMatchObject([
      { problem: expect.stringContaining('not trusted "CN=Test CA"') },
    ])
    expect(server.asked).toEqual([])
  })

  it('are judged anew when a reload changes whom to trust', async () => {
    await using server = await startServer()
    await using gateway = await start(server.url, {}, { initial: 'healthy' })
    await expect.poll(() => healthOf(gateway)).toBe(false)

    await gateway.reload(configFor(server.url, trusting()))

    await expect.poll(() => healthOf(gateway)).toBe(true)
  })

  it.each([
    { what: 'that is trusted', trusted: true, healthy: true },
    { what: 'that is not', trusted: false, healthy: false },
  ])(
    'must get through the handshake with mode = "tcp": one $what',
    async ({ trusted, healthy }) => {
      await using server = await startServer()
      const check = { mode: 'tcp', path: undefined, initial: healthy ? 'unhealthy' : 'healthy' }
      await using gateway = await start(server.url, trusted ? trusting() : {}, check)

      await expect.poll(() => healthOf(gateway)).toBe(healthy)
    },
  )
})

type Keys = Readonly<Record<string, unknown>>

function trusting(): Keys {
  return { ca_files: [`${files.folder}/ca.crt`] }
}

function start(url: string, tls: Keys, check: Keys = {}): Promise<TestGateway> {
  return startGateway(configFor(url, tls, check))
}

function configFor(url: string, tls: Keys, check: Keys = {}) {
  const every = { interval: '20ms', unhealthy_threshold: 1, healthy_threshold: 1 }
  const health = { path: '/up', initial: 'unhealthy', ...every, ...check }
  if (health.path === undefined) Reflect.deleteProperty(health, 'path')
  const balancer = { upstream_tls: tls, health_check: health, servers: [{ url }] }
  return {
    entrypoints: { web: { address: '127.0.0.1:0' } },
    routers: { all: { rule: 'PathPrefix(`/`)', service: 'app' } },
    services: { app: { load_balancer: balancer } },
  }
}

function healthOf({ gateway }: TestGateway): boolean | undefined {
  return gateway.snapshot.services.get('app')?.pool.all[0]?.healthy
}

/** Notes the version of HTTP, the path and the client certificate of each request. */
async function startServer() {
  const asked: string[] = []
  const { cert, key } = certificate
  const options = { cert, key, allowHTTP1: true, requestCert: true, ca: ca.cert }
  const server = createSecureServer(
    { ...options, rejectUnauthorized: false },
    (request, response) => {
      // A request of HTTP/2 has a stand-in for its socket, which does not know of X.509.
      const socket = (request.stream?.session?.socket ?? request.socket) as TLSSocket
      const { subject } = socket.getPeerCertificate()
      asked.push(`${request.httpVersion} ${request.url} CN=${String(subject?.CN ?? '')}`)
      response.end()
    },
  )
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => open.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of open) socket.destroy()
    await closed
  }
  const port = typeof address === 'object' ? address?.port : undefined
  return { asked, url: `https://127.0.0.1:${port}`, [Symbol.asyncDispose]: stop }
}
