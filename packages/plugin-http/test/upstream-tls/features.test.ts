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

  it('may have servers without TLS beside them', async () => {
    await using plain = await startUpstream()
    await using secure = await startHttps(certificate)
    await using gateway = await start({
      app: { load_balancer: { ...trusting(), ...servers(plain.url, secure.url) } },
    })

    const statuses: number[] = []
    for (let i = 0; i < 4; i++) statuses.push((await gateway.request('/')).status)

    expect(statuses).toEqual([200, 200, 200, 200])
    expect(plain.requests).toHaveLength(2)
  })

  it('says so if upstream_tls is of no use', async () => {
    await using plain = await startUpstream()
    await using gateway = await start({
      app: { load_balancer: { ...trusting(), ...servers(plain.url) } },
    })

    expect(gateway.logs.find({ level: 'warn' })).toMatchObject([
      { msg: 'upstream_tls does nothing for servers without TLS' },
    ])
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
