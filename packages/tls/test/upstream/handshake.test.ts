import type { SecureVersion, TlsOptions } from 'node:tls'
import {
  type CertificateFiles,
  certificateFiles,
  type TestCertificate,
  testCertificate,
} from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { handshakeError } from '../../src/upstream/failure.ts'
import { openTls, visit } from './opened.ts'
import { startTcpServer, startTlsServer } from './tls-server.ts'

const day = 24 * 3_600_000
let ca: TestCertificate
let good: TestCertificate
let client: TestCertificate
let files: CertificateFiles

beforeAll(async () => {
  ca = await testCertificate({ commonName: 'Test CA', isAuthority: true })
  good = await testCertificate({ names: ['127.0.0.1', 'app.test'], ca })
  client = await testCertificate({ commonName: 'gateway', ca })
  files = await certificateFiles({ ca, good, client })
})

afterAll(() => files[Symbol.asyncDispose]())

describe('a server whose certificate is as it should be', () => {
  it('is talked to, and not asked for an address by name', async () => {
    await using server = await startTlsServer(good)
    await using opened = openTls(files.folder, { ca_files: ['ca.crt'] })

    const visited = await visit(opened.tls, `https://127.0.0.1:${server.port}`)

    const seen = { serverName: undefined, resumed: false, client: undefined, alpn: false }
    expect(visited).toEqual({ echo: 'ping', seen })
  })

  it('may be trusted by its own certificate, though another one has signed that', async () => {
    await using server = await startTlsServer(good)
    await using opened = openTls(files.folder, { ca_files: ['good.crt'] })

    expect(await visit(opened.tls, `https://127.0.0.1:${server.port}`)).toMatchObject({
      echo: 'ping',
    })
  })

  it('is asked for server_name, and compared with that', async () => {
    await using server = await startTlsServer(good)
    await using opened = openTls(files.folder, { ca_files: ['ca.crt'], server_name: 'app.test' })

    expect(await visit(opened.tls, `https://127.0.0.1:${server.port}`)).toMatchObject({
      seen: { serverName: 'app.test' },
    })
  })

  it('is asked for the host of its URL by name', async () => {
    const local = await testCertificate({ names: ['localhost'], ca })
    await using server = await startTlsServer(local)
    await using opened = openTls(files.folder, { ca_files: ['ca.crt'] })

    expect(await visit(opened.tls, `https://localhost:${server.port}`)).toMatchObject({
      seen: { serverName: 'localhost' },
    })
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('sees a client certificate with %s', async (version) => {
    const demanding = { ...good, ...demandingBy(ca), ...only(version) }
    await using server = await startTlsServer(demanding)
    await using opened = openTls(files.folder, {
      ca_files: ['ca.crt'],
      cert_file: 'client.crt',
      key_file: 'client.key',
    })

    expect(await visit(opened.tls, `https://127.0.0.1:${server.port}`)).toMatchObject({
      seen: { client: 'CN=gateway' },
    })
  })

  it('chooses among the protocols that are offered', async () => {
    await using server = await startTlsServer({ ...good, ALPNProtocols: ['b', 'a'] })
    await using opened = openTls(files.folder, { ca_files: ['ca.crt'] })

    expect(await visit(opened.tls, `https://127.0.0.1:${server.port}`, ['a', 'b'])).toMatchObject({
      seen: { alpn: 'b' },
    })
  })
})

describe('a server that cannot prove who it is', () => {
  it.each([
    {
      what: 'has expired',
      make: () =>
        testCertificate({
          names: ['127.0.0.1'],
          ca,
          notBefore: new Date(Date.now() - 3 * day),
          notAfter: new Date(Date.now() - 2 * day),
        }),
      says: /its certificate has expired, on .* GMT; renew it/,
    },
    {
      what: 'is not valid yet',
      make: () =>
        testCertificate({
          names: ['127.0.0.1'],
          ca,
          notBefore: new Date(Date.now() + day),
          notAfter: new Date(Date.now() + 2 * day),
        }),
      says: /its certificate is valid from .* GMT on; look at the clocks/,
    },
    {
      what: 'is for other names',
      make: () => testCertificate({ names: ['a.test', '*.b.test', '127.0.0.2'], ca }),
      says: /is for a\.test, \*\.b\.test, 127\.0\.0\.2, not for "127\.0\.0\.1"; set upstream_tls\.server_name/,
    },
    {
      what: 'is for no name',
      make: () => testCertificate({ commonName: '127.0.0.1', ca }),
      says: /is for "CN=127\.0\.0\.1" without any alternative name, not for "127\.0\.0\.1"/,
    },
    {
      what: 'is self-signed',
      make: () => testCertificate({ names: ['127.0.0.1'] }),
      says: /is self-signed; name a copy of it in upstream_tls\.ca_files/,
    },
    {
      what: 'is of an unknown authority',
      make: async () =>
        testCertificate({
          names: ['127.0.0.1'],
          ca: await testCertificate({ commonName: 'Other CA', isAuthority: true }),
        }),
      says: /not trusted "CN=Other CA"; name the file of that authority in upstream_tls\.ca_files/,
    },
  ])('since its certificate $what is not talked to', async ({ make, says }) => {
    await using server = await startTlsServer(await make())
    await using opened = openTls(files.folder, { ca_files: ['ca.crt'] })
    const url = `https://127.0.0.1:${server.port}`

    const visited = await visit(opened.tls, url)

    expect(visited).toMatchObject({ code: 'GW_UPSTREAM_TLS_CERTIFICATE', retryable: true })
    expect(visited).toHaveProperty('message', expect.stringMatching(says))
    expect(visited).toHaveProperty('message', expect.stringContaining(url))
  })

  it('since the system does not trust its authority is not talked to without ca_files', async () => {
    await using server = await startTlsServer(good)
    await using opened = openTls(files.folder)

    expect(await visit(opened.tls, `https://127.0.0.1:${server.port}`)).toMatchObject({
      code: 'GW_UPSTREAM_TLS_CERTIFICATE',
    })
  })

  it('is talked to with insecure_skip_verify, of which a warning is logged', async () => {
    await using server = await startTlsServer(await testCertificate({ names: ['a.test'] }))
    await using opened = openTls(files.folder, { insecure_skip_verify: true })

    expect(await visit(opened.tls, `https://127.0.0.1:${server.port}`)).toMatchObject({
      echo: 'ping',
    })
    expect(opened.logs.find({ level: 'warn' })).toMatchObject([
      { msg: expect.stringContaining('insecure_skip_verify') },
    ])
  })
})

describe('a handshake that fails', () => {
  it.each([
    {
      what: 'demands a client certificate (TLS 1.2)',
      options: () => ({ ...demandingBy(ca), ...only('TLSv1.2') }),
      own: {},
      says: /client certificate.*upstream_tls\.cert_file/,
    },
    {
      what: 'demands a client certificate (TLS 1.3)',
      options: () => ({ ...demandingBy(ca), ...only('TLSv1.3') }),
      own: {},
      says: /it demands a client certificate; set upstream_tls\.cert_file and key_file/,
    },
    {
      what: 'speaks TLS 1.2 only',
      options: () => only('TLSv1.2'),
      own: { min_version: '1.3' },
      says: /other versions of TLS only; see upstream_tls\.min_version/,
    },
    {
      what: 'speaks none of the protocols',
      options: () => ({ ALPNProtocols: ['other'] }),
      own: {},
      says: /none of the protocols that are offered/,
    },
  ])('since the server $what says so', async ({ options, own, says }) => {
    await using server = await startTlsServer({ ...good, ...options() })
    await using opened = openTls(files.folder, { ca_files: ['ca.crt'], ...own })

    const visited = await visit(opened.tls, `https://127.0.0.1:${server.port}`, ['http/1.1'])

    expect(visited).toMatchObject({ code: 'GW_UPSTREAM_TLS_ALERT', retryable: true })
    expect(visited).toHaveProperty('message', expect.stringMatching(says))
  })

  it('since the server speaks something else says so', async () => {
    await using server = await startTcpServer((socket) =>
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'),
    )
    await using opened = openTls(files.folder)

    expect(await visit(opened.tls, `https://127.0.0.1:${server.port}`)).toMatchObject({
      code: 'GW_UPSTREAM_TLS',
      message: expect.stringContaining('does not speak TLS on this port'),
      retryable: true,
    })
  })

  it.each(['end', 'resetAndDestroy'] as const)(
    'since the server goes away says so (%s)',
    async (way) => {
      await using server = await startTcpServer((socket) =>
        socket.once('data', () => socket[way]()),
      )
      await using opened = openTls(files.folder)

      expect(await visit(opened.tls, `https://127.0.0.1:${server.port}`)).toMatchObject({
        code: 'GW_UPSTREAM_TLS',
        message: expect.stringContaining('closed the connection during the handshake'),
        retryable: true,
      })
    },
  )

  it('since there is no server is as without TLS', async () => {
    const gone = await startTcpServer(() => undefined)
    await gone[Symbol.asyncDispose]()
    await using opened = openTls(files.folder)

    expect(await visit(opened.tls, `https://127.0.0.1:${gone.port}`)).toMatchObject({
      code: 'GW_UPSTREAM_CONNECT',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })
})

describe('a server that refuses a handshake in an alert', () => {
  it.each([
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', true, /does not accept the client certificate/],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', false, /demands a client certificate/],
    ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', true, /does not accept the client certificate/],
    ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', true, /does not know the name "a\.test"/],
    ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', false, /nothing that both sides support, or wants/],
    ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', true, /nothing that both sides support$/],
    ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', true, /it said "internal_error"/],
  ])('is quoted: %s, with an own certificate %s', (code, hasOwn, says) => {
    const error = Object.assign(new Error('alert'), { code })
    const handshake = { name: 'a.test', certificate: undefined, hasOwn }

    const { message, retryable } = handshakeError('https://a.test', error, handshake)

    expect(message).toMatch(says)
    expect(retryable).toBe(true)
  })
})

describe('a certificate that was refused', () => {
  it('is not dumped into the log with the error', () => {
    const code = 'ERR_TLS_CERT_ALTNAME_INVALID'
    const error = Object.assign(new Error('no'), { code, cert: { modulus: 'C0FFEE' } })
    const handshake = { name: 'a.test', certificate: undefined, hasOwn: false }

    const { cause } = handshakeError('https://a.test', error, handshake)

    expect(cause).toBe(error)
    expect(Object.keys(error)).toEqual(['code'])
  })
})

function demandingBy({ cert }: TestCertificate): TlsOptions {
  return { requestCert: true, rejectUnauthorized: true, ca: cert }
}

function only(version: SecureVersion): TlsOptions {
  return { minVersion: version, maxVersion: version }
}
