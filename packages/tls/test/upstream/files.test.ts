import { type CertificateFiles, certificateFiles, testCertificate } from '@gatewright/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { SessionCache } from '../../src/upstream/session-cache.ts'
import { openTls, visit } from './opened.ts'
import { startTlsServer } from './tls-server.ts'

describe('the files of upstream_tls', () => {
  it('are read again when they change, for connections that are made then', async () => {
    const before = await testCertificate({ commonName: 'Old CA', isAuthority: true })
    const after = await testCertificate({ commonName: 'New CA', isAuthority: true })
    const files = await folderWith({ ca: before })
    await using old = await startTlsServer(await serverBy(before))
    await using renewed = await startTlsServer(await serverBy(after))
    await using opened = openTls(files.folder, { ca_files: ['ca.crt'] })
    expect(await visit(opened.tls, urlOf(old))).toMatchObject({ echo: 'ping' })
    expect(await visit(opened.tls, urlOf(renewed))).toHaveProperty('code')

    await files.write('ca', after)
    await opened.check()

    expect(await visit(opened.tls, urlOf(renewed))).toMatchObject({ echo: 'ping' })
    // A session with it would do without its certificate.
    expect(await visit(opened.tls, urlOf(old))).toHaveProperty(
      'code',
      'GW_UPSTREAM_TLS_CERTIFICATE',
    )
    expect(opened.logs.find({ level: 'info' })).toHaveLength(1)
  })

  it('take effect without anybody asking', async () => {
    const before = await testCertificate({ commonName: 'Old CA', isAuthority: true })
    const after = await testCertificate({ commonName: 'New CA', isAuthority: true })
    const files = await folderWith({ ca: before })
    await using renewed = await startTlsServer(await serverBy(after))
    await using opened = openTls(files.folder, { ca_files: ['ca.crt'] })

    await files.write('ca', after)

    await expect
      .poll(() => visit(opened.tls, urlOf(renewed)), { timeout: 20_000 })
      .toMatchObject({ echo: 'ping' })
  })

  it('stay as they were if the new ones are broken, of which is told once', async () => {
    const ca = await testCertificate({ commonName: 'CA', isAuthority: true })
    const client = await testCertificate({ commonName: 'gateway', ca })
    const other = await testCertificate({ commonName: 'other', ca })
    const files = await folderWith({ ca, client })
    const demanding = { requestCert: true, ca: ca.cert }
    await using server = await startTlsServer({ ...(await serverBy(ca)), ...demanding })
    await using opened = openTls(files.folder, {
      ca_files: ['ca.crt'],
      cert_file: 'client.crt',
      key_file: 'client.key',
    })
    const visited = { echo: 'ping', seen: { client: 'CN=gateway' } }

    await files.write('client', { cert: other.cert })
    await vi.waitFor(() => expect(opened.logs.find({ level: 'warn' })).toHaveLength(1), 20_000)
    await opened.check()
    expect(await visit(opened.tls, urlOf(server))).toMatchObject(visited)
    expect(opened.logs.find({ level: 'warn' })).toMatchObject([{ code: 'GW_TLS_KEY_MISMATCH' }])
    await files.write('ca', { cert: 'no certificate' })
    await opened.check()
    expect(await visit(opened.tls, urlOf(server))).toMatchObject(visited)
    expect(opened.logs.find({ level: 'warn' })).toHaveLength(2)

    await files.write('ca', ca)
    await files.write('client', other)
    await opened.check()
    expect(await visit(opened.tls, urlOf(server))).toMatchObject({ seen: { client: 'CN=other' } })
  })

  it('are not complained about while only some of them are written', async () => {
    const ca = await testCertificate({ commonName: 'CA', isAuthority: true })
    const client = await testCertificate({ commonName: 'gateway', ca })
    const next = await testCertificate({ commonName: 'next', ca })
    const files = await folderWith({ ca, client })
    const demanding = { requestCert: true, ca: ca.cert }
    await using server = await startTlsServer({ ...(await serverBy(ca)), ...demanding })
    await using opened = openTls(files.folder, {
      ca_files: ['ca.crt'],
      cert_file: 'client.crt',
      key_file: 'client.key',
    })

    await files.write('client', { key: next.key })
    await opened.check()
    await files.write('client', { cert: next.cert })
    await opened.check()

    expect(await visit(opened.tls, urlOf(server))).toMatchObject({ seen: { client: 'CN=next' } })
    expect(opened.logs.find({ level: 'warn' })).toEqual([])
  })

  it.each([
    { written: { ca_files: ['none.crt'] }, code: 'GW_TLS_FILE_UNREADABLE', at: ['ca_files', 0] },
    { written: { ca_files: ['ca.key'] }, code: 'GW_TLS_CERTIFICATE_INVALID', at: ['ca_files', 0] },
    { written: { cert_file: 'ca.crt' }, code: 'GW_TLS_PAIR_INCOMPLETE', at: ['cert_file'] },
    { written: { key_file: 'ca.key' }, code: 'GW_TLS_PAIR_INCOMPLETE', at: ['key_file'] },
    {
      written: { cert_file: 'ca.crt', key_file: 'other.key' },
      code: 'GW_TLS_KEY_MISMATCH',
      at: ['key_file'],
    },
  ])('are refused if they cannot be used to begin with: $code', async ({ written, code, at }) => {
    const files = await folderWith({ ca: await testCertificate(), other: await testCertificate() })

    expect(() => openTls(files.folder, written)).toThrow(
      expect.objectContaining({ code, option: ['upstream_tls', ...at] }),
    )
  })
})

describe('certificates of upstream_tls that have expired', () => {
  it('are used, and warned of by file', async () => {
    const notAfter = new Date('2020-01-01T00:00:00Z')
    const ca = await testCertificate({ commonName: 'CA', isAuthority: true })
    const old = await testCertificate({ commonName: 'Old', isAuthority: true, notAfter })
    const files = await folderWith({ ca, old, both: { ...ca, cert: ca.cert + old.cert } })

    await using opened = openTls(files.folder, {
      ca_files: ['ca.crt', 'both.crt'],
      cert_file: 'old.crt',
      key_file: 'old.key',
    })

    const warned = { msg: 'certificate has expired', subject: 'CN=Old' }
    expect(opened.logs.find({ level: 'warn' })).toMatchObject([
      { ...warned, path: `${files.folder}/both.crt` },
      { ...warned, path: `${files.folder}/old.crt` },
    ])
    await files.write('both', ca)
    await opened.check()
    expect(opened.logs.find({ path: `${files.folder}/both.crt` })).toHaveLength(1)
  })
})

describe('a block upstream_tls with several mistakes', () => {
  it.each([
    {
      written: { cert_file: 'ca.crt', ca_files: ['gone.crt', 'ca.crt'] },
      paths: [['cert_file'], ['ca_files', 0]],
    },
    {
      written: { cert_file: 'ca.crt', key_file: 'gone.key', ca_files: ['gone.crt', 'ca.key'] },
      paths: [['ca_files', 0], ['ca_files', 1], ['key_file']],
    },
  ])('is refused with all of them: $paths', async ({ written, paths }) => {
    const files = await folderWith({ ca: await testCertificate() })

    const problems = paths.map((path) =>
      expect.objectContaining({ path: ['upstream_tls', ...path] }),
    )
    expect(() => openTls(files.folder, written)).toThrow(expect.objectContaining({ problems }))
  })
})

describe('server_name', () => {
  it.each(['a b', 'https://a.test', 'a.test:443', '*.a.test', '10.0.0.300', '[::1]', 'a..test'])(
    'is refused if it is neither a name nor an address: %s',
    (server_name) => {
      const refusal = { code: 'GW_TLS_SERVER_NAME', option: ['upstream_tls', 'server_name'] }

      expect(() => openTls('/', { server_name })).toThrow(expect.objectContaining(refusal))
    },
  )

  it.each(['a.test', 'A.test.', 'a_b', '3.a-1.test', '10.0.0.3', '::1'])(
    'may be a name or an address: %s',
    async (server_name) => {
      await using opened = openTls('/', { server_name })

      expect(opened.logs.find({ level: 'warn' })).toEqual([])
    },
  )
})

describe('sessions with a server', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('are resumed (%s)', async (maxVersion) => {
    const ca = await testCertificate({ commonName: 'CA', isAuthority: true })
    const files = await folderWith({ ca })
    await using server = await startTlsServer({ ...(await serverBy(ca)), maxVersion })
    await using opened = openTls(files.folder, { ca_files: ['ca.crt'] })

    for (let i = 0; i < 4; i++) await visit(opened.tls, urlOf(server))

    expect(server.handshakes.map(({ resumed }) => resumed)).toEqual([false, true, true, true])
  })

  it('are not made with one that did not prove who it is', async () => {
    const ca = await testCertificate({ commonName: 'CA', isAuthority: true })
    const files = await folderWith({ ca })
    const wrong = await testCertificate({ names: ['other.test'], ca })
    await using server = await startTlsServer({ ...wrong, maxVersion: 'TLSv1.2' })
    await using opened = openTls(files.folder, { ca_files: ['ca.crt'] })

    for (let i = 0; i < 3; i++) {
      expect(await visit(opened.tls, urlOf(server))).toHaveProperty(
        'code',
        'GW_UPSTREAM_TLS_CERTIFICATE',
      )
    }

    expect(server.handshakes.some(({ resumed }) => resumed)).toBe(false)
  })

  it('are of one service, and no other one with its own rules', async () => {
    const ca = await testCertificate({ commonName: 'CA', isAuthority: true })
    const files = await folderWith({ ca })
    await using server = await startTlsServer(await serverBy(ca))
    await using careless = openTls(files.folder, { insecure_skip_verify: true })
    await using careful = openTls(files.folder)

    await visit(careless.tls, urlOf(server))

    expect(await visit(careful.tls, urlOf(server))).toHaveProperty('code')
  })
})

describe('the sessions that are kept', () => {
  it('are no more than fit, the oldest goes first', () => {
    const cache = new SessionCache(2)
    const session = Buffer.alloc(1)

    for (const server of ['a', 'b', 'a', 'c']) cache.set(server, session)

    expect(['a', 'b', 'c'].map((server) => cache.get(server))).toEqual([
      session,
      undefined,
      session,
    ])
  })
})

function serverBy(ca: Awaited<ReturnType<typeof testCertificate>>) {
  return testCertificate({ names: ['127.0.0.1'], ca })
}

async function folderWith(
  certificates: Parameters<typeof certificateFiles>[0],
): Promise<CertificateFiles> {
  const files = await certificateFiles(certificates)
  onTestFinished(() => files[Symbol.asyncDispose]())
  return files
}

function urlOf({ port }: { readonly port: number }): string {
  return `https://127.0.0.1:${port}`
}
