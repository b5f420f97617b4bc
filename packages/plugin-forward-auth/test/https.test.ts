import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import {
  type CertificateFiles,
  certificateFiles,
  startGateway,
  startUpstream,
  type TestCertificate,
  testCertificate,
} from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let ca: TestCertificate
let files: CertificateFiles

beforeAll(async () => {
  ca = await testCertificate({ commonName: 'Test CA', isAuthority: true })
  const client = await testCertificate({ commonName: 'gateway', ca })
  files = await certificateFiles({ ca, client })
})

afterAll(() => files[Symbol.asyncDispose]())

describe('an auth server with https://', () => {
  it('is asked as upstream_tls says, over connections that are used again', async () => {
    await using authServer = await startAuthServer()
    await using upstream = await startUpstream()
    const tls = {
      ca_files: ['ca.crt'],
      cert_file: 'client.crt',
      key_file: 'client.key',
      server_name: 'auth.internal',
    }
    const config = configOf(upstream.url, authServer.url, { upstream_tls: tls })
    await using gateway = await startGateway(config, { baseDir: files.folder })

    const statuses: number[] = []
    for (let i = 0; i < 5; i++) statuses.push((await gateway.request('/')).status)

    expect(statuses).toEqual(Array(5).fill(200))
    expect(authServer.asked).toEqual(Array(5).fill('CN=gateway'))
    expect(authServer.handshakes).toBe(1)
  })

  it('that cannot prove who it is has decided nothing, and the log says why', async () => {
    await using authServer = await startAuthServer()
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url, authServer.url))

    const response = await gateway.request('/')

    expect(response.status).toBe(502)
    expect(authServer.asked).toEqual([])
    expect(JSON.stringify(gateway.logs.entries)).toContain('not trusted \\"CN=Test CA\\"')
  })
})

it('refuses upstream_tls for an auth server without TLS', async () => {
  const config = configOf('http://127.0.0.1:1', 'http://127.0.0.1:1', { upstream_tls: {} })

  await expect(startGateway(config)).rejects.toMatchObject({
    problems: [{ code: 'GW_FORWARD_AUTH_TLS', path: ['middlewares', 'login', 'upstream_tls'] }],
  })
})

function configOf(url: string, authUrl: string, keys: Readonly<Record<string, unknown>> = {}) {
  return {
    entrypoints: { web: { address: '127.0.0.1:0' } },
    routers: { all: { rule: 'PathPrefix(`/`)', service: 'app', middlewares: ['login'] } },
    middlewares: {
      login: { type: 'forward-auth', forward_auth_url: `${authUrl}/verify`, ...keys },
    },
    services: { app: { load_balancer: { servers: [{ url }] } } },
  }
}

/** Lets everybody pass, and notes whose certificate the question came with. */
async function startAuthServer() {
  const asked: (string | undefined)[] = []
  let handshakes = 0
  const certificate = await testCertificate({ names: ['auth.internal'], ca })
  const demanding = { requestCert: true, rejectUnauthorized: false, ca: ca.cert }
  const server = createServer({ ...certificate, ...demanding }, (request, response) => {
    // Every connection of the server is one over TLS.
    asked.push((request.socket as TLSSocket).getPeerX509Certificate()?.subject)
    response.end()
  })
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => open.add(socket))
  server.on('secureConnection', () => handshakes++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // It listens on TCP.
  const { port } = server.address() as AddressInfo
  return {
    asked,
    url: `https://127.0.0.1:${port}`,
    get handshakes() {
      return handshakes
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}
