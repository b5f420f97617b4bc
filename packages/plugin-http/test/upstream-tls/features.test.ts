import {
  type CertificateFiles,
  certificateFiles,
  startGateway,
  startUpstream,
  type TestCertificate,
  testCertificate,
} from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHttps } from './https-server.ts'

let ca: TestCertificate
let certificate: TestCertificate
let files: CertificateFiles

beforeAll(async () => {
  ca = await testCertificate({ commonName: 'Test CA', isAuthority: true })
  certificate = await testCertificate({ names: ['127.0.0.1'], ca })
  files = await certificateFiles({ ca })
})

afterAll(() => files[Symbol.asyncDispose]())

describe('a service of servers with https://', () => {
  it('takes over for one whose servers cannot prove who they are', async () => {
    await using wrong = await startHttps(await testCertificate({ names: ['127.0.0.1'] }))
    await using right = await startHttps(certificate)
    await using gateway = await start({
      app: {
        load_balancer: { ...servers(wrong.url), passive_health: { error_threshold: 1 } },
        failover: { service: 'spare' },
      },
      spare: { load_balancer: { ...trusting(), ...servers(right.url) } },
    })

    const first = await gateway.request('/')
    const second = await gateway.request('/')

    expect([first.status, second.status]).toEqual([502, 200])
  })

  it('gets copies of requests', async () => {
    await using upstream = await startUpstream()
    await using shadow = await startHttps(certificate)
    await using gateway = await start({
      app: { load_balancer: servers(upstream.url), mirror: { service: 'shadow', percentage: 100 } },
      shadow: { load_balancer: { ...trusting(), ...servers(shadow.url) } },
    })

    expect((await gateway.request('/', { method: 'POST', body: 'x' })).status).toBe(200)

    await expect.poll(() => shadow.handshakes).toEqual(['full'])
  })
})

describe('a service with upstream_tls', () => {
  it.each([
    { urls: ['http://127.0.0.1:1'], expected: 'https://' },
    { urls: ['ws://127.0.0.1:1'], expected: 'wss://' },
    { urls: ['h2c://127.0.0.1:1'], expected: 'https://' },
    { urls: ['grpc://127.0.0.1:1'], expected: 'grpcs://' },
    { urls: ['http://127.0.0.1:1', 'https://127.0.0.1:2'], expected: 'https://' },
  ])('is refused if one of its servers is without TLS: $urls', async ({ urls, expected }) => {
    const app = { load_balancer: { ...trusting(), ...servers(...urls) } }

    await expect(start({ app })).rejects.toMatchObject({
      problems: [
        {
          code: 'GW_HTTP_TLS_UNUSED',
          path: ['services', 'app', 'load_balancer', 'upstream_tls'],
          message: expect.stringMatching(`127.0.0.1:1/?" is not reached over TLS.*"${expected}"`),
        },
      ],
    })
  })
})

function start(services: Record<string, Record<string, unknown>>) {
  return startGateway({
    entrypoints: { web: { address: '127.0.0.1:0' } },
    routers: { all: { rule: 'PathPrefix(`/`)', service: 'app' } },
    services,
  })
}

function servers(...urls: string[]) {
  return { servers: urls.map((url) => ({ url })) }
}

function trusting() {
  return { upstream_tls: { ca_files: [`${files.folder}/ca.crt`] } }
}
