import { X509Certificate } from 'node:crypto'
import type { ConnectionOptions } from 'node:tls'
import {
  type CertificateFiles,
  certificateFiles,
  connect,
  reply,
  startGateway,
  startUpstream,
  type TestCertificate,
  type TestGateway,
  testCertificate,
  type Upstream,
} from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { configFor } from './behind.ts'

const get = 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n'
const field = 'x-forwarded-client-cert'

let ca: TestCertificate
let alice: TestCertificate
let files: CertificateFiles

beforeAll(async () => {
  ca = await testCertificate({ commonName: 'Test CA', isAuthority: true })
  alice = await testCertificate({ commonName: 'alice', names: ['alice.example'], ca })
  files = await certificateFiles({ ca, a: await testCertificate({ names: ['a.test'], ca }) })
})

afterAll(() => files[Symbol.asyncDispose]())

describe('the certificate of a client', () => {
  it('is told the server, in place of what the client says of itself', async () => {
    await using upstream = await startUpstream(reply(200))
    await using gateway = await start(upstream, { mode: 'require' })
    using client = await dial(gateway, alice)

    await client.send(`GET / HTTP/1.1\r\nHost: a.test\r\n${field}: Hash=forged\r\n\r\n`)
    await client.readResponse()

    const hash = new X509Certificate(alice.cert).fingerprint256.replaceAll(':', '').toLowerCase()
    expect(upstream.requests[0]?.headers[field]).toBe(
      `Hash=${hash};Subject="CN=alice";DNS=alice.example`,
    )
  })

  it('is told whole if that is wanted', async () => {
    await using upstream = await startUpstream(reply(200))
    await using gateway = await start(upstream, { mode: 'require', forward_pem: true })
    using client = await dial(gateway, alice)

    await client.send(get)
    await client.readResponse()

    const [, pem = ''] = /;Cert="([^"]*)"$/.exec(upstream.requests[0]?.headers[field] ?? '') ?? []
    expect(decodeURIComponent(pem)).toBe(alice.cert)
  })

  it('may be missing if it is only requested, and nobody can make one up', async () => {
    await using upstream = await startUpstream(reply(200))
    await using gateway = await start(upstream, { mode: 'request' })
    using client = await dial(gateway, {})

    await client.send(`GET / HTTP/1.1\r\nHost: a.test\r\n${field}: Hash=forged\r\n\r\n`)

    expect((await client.readResponse()).status).toBe(200)
    expect(upstream.requests[0]?.headers[field]).toBeUndefined()
  })

  it('is told of a session that is resumed, too', async () => {
    await using upstream = await startUpstream(reply(200))
    await using gateway = await start(upstream, { mode: 'require' })
    using first = await dial(gateway, alice)
    const session = new Promise<Buffer>((resolve) => first.secure?.once('session', resolve))
    await first.send(get)
    await first.readResponse()

    using second = await dial(gateway, { ...alice, session: await session })
    await second.send(get)
    await second.readResponse()

    expect(second.secure?.isSessionReused()).toBe(true)
    expect(upstream.requests[1]?.headers[field]).toContain('Subject="CN=alice"')
  })

  it.each([
    { mode: 'require', from: 'nobody', made: async () => ({}) },
    { mode: 'require', from: 'another authority', made: () => stranger() },
    { mode: 'request', from: 'another authority', made: () => stranger() },
    {
      mode: 'require',
      from: 'the past',
      made: () => testCertificate({ commonName: 'old', ca, notAfter: new Date('2020-01-01') }),
    },
  ])('from $from lets nobody in with mode $mode, and the log tells why', async ({ mode, made }) => {
    await using upstream = await startUpstream(reply(200))
    await using gateway = await start(upstream, { mode })

    await expect(answerTo(gateway, await made())).rejects.toThrow(/alert|ended|reset/i)

    expect(upstream.requests).toHaveLength(0)
    await vi.waitFor(() =>
      expect(gateway.logs.find({ msg: 'TLS handshake failed' })).toHaveLength(1),
    )
    expect(String(gateway.logs.find({ msg: 'TLS handshake failed' })[0]?.['problem'])).toMatch(
      /certificate/,
    )
  })

  it('is refused without a flood of lines in the log', async () => {
    await using upstream = await startUpstream(reply(200))
    await using gateway = await start(upstream, { mode: 'require' })

    await Promise.all(
      Array.from({ length: 50 }, () => answerTo(gateway, {}).catch(() => undefined)),
    )

    expect(gateway.logs.find({ msg: 'TLS handshake failed' }).length).toBeLessThan(50)
  })
})

async function answerTo(gateway: TestGateway, certificate: ConnectionOptions): Promise<number> {
  // With TLS 1.3, a client hears after its handshake that it is not welcome.
  using client = await dial(gateway, certificate)
  await client.send(get)
  return (await client.readResponse()).status
}

function stranger(): Promise<TestCertificate> {
  return testCertificate({ commonName: 'mallory' })
}

function dial(
  gateway: TestGateway,
  { cert, key, session }: ConnectionOptions,
): ReturnType<typeof connect> {
  const tls = {
    ca: ca.cert,
    servername: 'a.test',
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(session !== undefined && { session }),
  }
  return connect(gateway.port(), { tls })
}

function start(
  { url }: Upstream,
  clientAuth: Readonly<Record<string, unknown>>,
): Promise<TestGateway> {
  const client_auth = { ca_files: ['ca.crt'], ...clientAuth }
  const tls = { cert_file: 'a.crt', key_file: 'a.key', client_auth }
  return startGateway(configFor(url, { entrypoint: { tls } }), { baseDir: files.folder })
}
