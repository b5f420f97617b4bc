import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { certificateFiles, type TestCertificate, testCertificate } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { type OpenedTls, openTls, serve, visit } from './server.ts'

const first = { cert_file: 'a.crt', key_file: 'a.key' }
const kept = 'certificate is not usable; the one of before stays'

describe('a certificate file that is replaced', () => {
  it('is seen by new handshakes, while open connections live on', async () => {
    await using files = await certificateFiles({ a: await named('old') })
    await using opened = openTls(files.folder, first)
    await using server = await serve(opened.tls)
    const before = await talk(server.port)

    await files.write('a', await named('new'))
    await vi.waitFor(async () => expect(await seen(server.port)).toBe('new'))
    before.write('still there')
    const [bytes]: Buffer[] = await once(server.secured[0]?.socket ?? before, 'data')

    expect(String(bytes)).toBe('still there')
    expect(before.getPeerCertificate().subject.CN).toBe('old')
    before.destroy()
  })

  it.each([
    { how: 'is cut', cert: (pem: string) => pem.slice(0, 200), code: 'GW_TLS_CERTIFICATE_INVALID' },
    { how: 'is empty', cert: () => '', code: 'GW_TLS_CERTIFICATE_INVALID' },
    { how: 'is of another key', cert: (pem: string) => pem, code: 'GW_TLS_KEY_MISMATCH' },
  ])('changes nothing as long as it $how, and is warned of once', async ({ cert, code }) => {
    await using files = await certificateFiles({ a: await named('old') })
    await using opened = openTls(files.folder, first)
    await using server = await serve(opened.tls)
    const next = await named('new')

    await files.write('a', { cert: cert(next.cert) })
    await vi.waitFor(() => expect(opened.logs.find({ msg: kept, code })).toHaveLength(1), 20_000)
    await opened.tls.certificates.check()

    expect(await seen(server.port)).toBe('old')
    expect(opened.logs.find({ msg: kept })).toHaveLength(1)
    await files.write('a', next)
    await opened.tls.certificates.check()
    expect(await seen(server.port)).toBe('new')
  })

  it('is not complained about while only half of it is written', async () => {
    await using files = await certificateFiles({ a: await named('old') })
    await using opened = openTls(files.folder, first)
    await using server = await serve(opened.tls)
    const next = await named('new')

    await files.write('a', { cert: next.cert })
    await opened.tls.certificates.check()
    await files.write('a', { key: next.key })
    await opened.tls.certificates.check()

    expect(await seen(server.port)).toBe('new')
    expect(opened.logs.find({ msg: kept })).toHaveLength(0)
  })

  it('does not hold back another one that is broken', async () => {
    await using files = await certificateFiles({ a: await named('old'), b: await named('b.test') })
    const certificates = [first, { cert_file: 'b.crt', key_file: 'b.key' }]
    await using opened = openTls(files.folder, { certificates })
    await using server = await serve(opened.tls)

    await files.write('b', { key: '' })
    await files.write('a', await named('new'))
    await opened.tls.certificates.check()

    expect(await seen(server.port)).toBe('new')
    expect(await seen(server.port, 'b.test')).toBe('b.test')
  })

  it('shows nothing of a key in the log', async () => {
    const old = await named('old')
    await using files = await certificateFiles({ a: old })
    await using opened = openTls(files.folder, first)

    await files.write('a', { key: old.key.replace('PRIVATE', 'RSA PRIVATE') })
    await vi.waitFor(() => expect(opened.logs.find({ msg: kept })).toHaveLength(1), 20_000)

    const log = JSON.stringify(opened.logs.entries)
    for (const line of old.key.split('\n').slice(1, -2)) expect(log).not.toContain(line)
  })
})

describe('a certificate that has expired', () => {
  it('is used, and warned of', async () => {
    const notAfter = new Date('2020-01-01T00:00:00Z')
    await using files = await certificateFiles({
      a: await testCertificate({ names: ['old.test'], notAfter }),
    })

    await using opened = openTls(files.folder, first)

    expect(opened.logs.find({ msg: 'certificate has expired' })).toHaveLength(1)
  })
})

describe('a block that cannot be used', () => {
  it.each([
    { tls: {}, code: 'GW_TLS_CERTIFICATE_MISSING', option: ['tls'] },
    { tls: { cert_file: 'a.crt' }, code: 'GW_TLS_PAIR_INCOMPLETE', option: ['tls', 'cert_file'] },
    {
      tls: { cert_file: 'missing.crt', key_file: 'a.key' },
      code: 'GW_TLS_FILE_UNREADABLE',
      option: ['tls', 'cert_file'],
    },
    {
      tls: { cert_file: '', key_file: 'a.key' },
      code: 'GW_INVALID_OPTIONS',
      option: [],
    },
    {
      tls: { cert_file: '.', key_file: 'a.key' },
      code: 'GW_TLS_FILE_UNREADABLE',
      option: ['tls', 'cert_file'],
    },
    {
      tls: { cert_file: 'a.key', key_file: 'a.key' },
      code: 'GW_TLS_CERTIFICATE_INVALID',
      option: ['tls', 'cert_file'],
    },
    {
      tls: { cert_file: 'a.crt', key_file: 'a.crt' },
      code: 'GW_TLS_KEY_INVALID',
      option: ['tls', 'key_file'],
    },
    {
      tls: { certificates: [{ cert_file: 'a.crt', key_file: 'b.key' }] },
      code: 'GW_TLS_KEY_MISMATCH',
      option: ['tls', 'certificates', 0, 'key_file'],
    },
    {
      tls: { ...first, client_auth: { mode: 'require' } },
      code: 'GW_TLS_AUTHORITIES_MISSING',
      option: ['tls', 'client_auth'],
    },
    {
      tls: { ...first, client_auth: { mode: 'require', ca_files: ['a.crt', 'b.key'] } },
      code: 'GW_TLS_CERTIFICATE_INVALID',
      option: ['tls', 'client_auth', 'ca_files', 1],
    },
    {
      tls: { ...first, cipher_suites: ['ECDHE-RSA-AES128-GCM-SHA265'] },
      code: 'GW_TLS_CIPHER_UNKNOWN',
      option: ['tls', 'cipher_suites', 0],
    },
  ])('is refused with $code at $option', async ({ tls, code, option }) => {
    await using files = await certificateFiles({ a: await named('a'), b: await named('b') })

    expect(() => openTls(files.folder, tls)).toThrow(expect.objectContaining({ code, option }))
  })
})

describe('a block with several mistakes', () => {
  it('is refused with all of them', async () => {
    await using files = await certificateFiles({ a: await named('a') })
    const certificates = [
      first,
      { cert_file: 'gone.crt', key_file: 'a.key' },
      { cert_file: 'a.crt', key_file: 'gone.key' },
    ]

    const refusal = expect.objectContaining({
      problems: [
        expect.objectContaining({ path: ['tls', 'certificates', 1, 'cert_file'] }),
        expect.objectContaining({ path: ['tls', 'certificates', 2, 'key_file'] }),
      ],
    })
    expect(() => openTls(files.folder, { certificates })).toThrow(refusal)
  })
})

describe('a session', () => {
  it('is resumed at another process that shares the secret, and not without it', async () => {
    await using files = await certificateFiles({ a: await named('a.test') })
    const open = (sharedSecret: string): OpenedTls => openTls(files.folder, first, { sharedSecret })
    await using one = open('secret')
    await using two = open('secret')
    await using three = open('another secret')
    await using here = await serve(one.tls)
    await using there = await serve(two.tls)
    await using elsewhere = await serve(three.tls)
    const session = await sessionOf(here.port)

    expect(await isResumed(there.port, session)).toBe(true)
    expect(await isResumed(elsewhere.port, session)).toBe(false)
  })

  it('is not resumed where certificates of clients are asked for', async () => {
    await using files = await certificateFiles({ a: await named('a.test') })
    const client_auth = { mode: 'request', ca_files: ['a.crt'] }
    await using open = openTls(files.folder, first, { sharedSecret: 'secret' })
    await using strict = openTls(
      files.folder,
      { ...first, client_auth },
      { sharedSecret: 'secret' },
    )
    await using here = await serve(open.tls)
    await using there = await serve(strict.tls)

    expect(await isResumed(there.port, await sessionOf(here.port))).toBe(false)
  })
})

describe('a handshake', () => {
  it.each([
    { what: 'a hello that is none', bytes: Buffer.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0]) },
    { what: 'a record that is too long', bytes: Buffer.from([0x16, 3, 1, 255, 255, 1]) },
    { what: 'half a hello', bytes: Buffer.from([0x16, 3, 1, 1, 0, 1, 0, 0]), end: true },
    { what: 'nothing', bytes: Buffer.alloc(0), end: true },
  ])('with $what fails, and leaves nothing', async ({ bytes, end }) => {
    await using files = await certificateFiles({ a: await named('a.test') })
    await using opened = openTls(files.folder, first)
    await using server = await serve(opened.tls)

    const client = connectTcp({ host: '127.0.0.1', port: server.port })
    client.on('error', () => undefined).resume()
    client.write(bytes)
    if (end === true) client.end()
    await once(client, 'close')

    await vi.waitFor(() => expect(server.failed).toHaveLength(1))
    expect(opened.tls.handshakes).toBe(0)
  })

  it('is over for a client that resets it', async () => {
    await using files = await certificateFiles({ a: await named('a.test') })
    await using opened = openTls(files.folder, first)
    await using server = await serve(opened.tls)

    const client = connectTcp({ host: '127.0.0.1', port: server.port })
    client.write(Buffer.from([0x16, 3, 1, 1, 0, 1]))
    await vi.waitFor(() => expect(opened.tls.handshakes).toBe(1))
    client.resetAndDestroy()

    await vi.waitFor(() => expect(opened.tls.handshakes).toBe(0))
    expect(server.failed).toHaveLength(1)
  })
})

function named(name: string): Promise<TestCertificate> {
  return testCertificate({ names: [name] })
}

async function seen(port: number, servername = ''): Promise<string | undefined> {
  const { certificate } = await visit(port, { servername })
  return certificate
}

async function talk(port: number, session?: Buffer): Promise<TLSSocket> {
  const client = connect({
    host: '127.0.0.1',
    port,
    servername: 'a.test',
    rejectUnauthorized: false,
    ...(session !== undefined && { session }),
  })
  client.on('error', () => undefined)
  await once(client, 'data')
  return client
}

async function sessionOf(port: number): Promise<Buffer> {
  const client = connect({
    host: '127.0.0.1',
    port,
    servername: 'a.test',
    rejectUnauthorized: false,
  })
  const [session]: Buffer[] = await once(client, 'session')
  client.destroy()
  return session ?? Buffer.alloc(0)
}

async function isResumed(port: number, session: Buffer): Promise<boolean> {
  const client = await talk(port, session)
  const resumed = client.isSessionReused()
  client.destroy()
  return resumed
}
