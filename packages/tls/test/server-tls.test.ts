import { type CertificateFiles, certificateFiles, testCertificate } from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTls, serve, visit } from './server.ts'

let files: CertificateFiles

const certificates = [
  { cert_file: 'first.crt', key_file: 'first.key' },
  { cert_file: 'wild.crt', key_file: 'wild.key' },
  { cert_file: 'exact.crt', key_file: 'exact.key' },
  { cert_file: 'other.crt', key_file: 'other.key', domains: ['chosen.test'] },
]

beforeAll(async () => {
  files = await certificateFiles({
    first: await testCertificate({ names: ['first.test'] }),
    wild: await testCertificate({ commonName: 'wild', names: ['*.wild.test', 'wild.test'] }),
    exact: await testCertificate({ commonName: 'exact', names: ['api.wild.test'] }),
    other: await testCertificate({ names: ['other.test'] }),
  })
})

afterAll(() => files[Symbol.asyncDispose]())

describe('the certificate that a client sees', () => {
  it.each([
    { asks: 'first.test', gets: 'first.test' },
    { asks: 'api.wild.test', gets: 'exact' },
    { asks: 'www.wild.test', gets: 'wild' },
    { asks: 'WWW.Wild.Test', gets: 'wild' },
    { asks: 'wild.test', gets: 'wild' },
    { asks: 'a.b.wild.test', gets: 'first.test' },
    { asks: 'chosen.test', gets: 'other.test' },
    { asks: 'other.test', gets: 'first.test' },
    { asks: 'unknown.test', gets: 'first.test' },
    { asks: '', gets: 'first.test' },
  ])('is that of $gets if it asks for "$asks"', async ({ asks, gets }) => {
    await using opened = openTls(files.folder, { certificates })
    await using server = await serve(opened.tls)

    const seen = await visit(server.port, { servername: asks })

    expect(seen).toMatchObject({ certificate: gets, said: 'hello' })
  })

  it('is that of cert_file for all who ask for nothing known', async () => {
    const options = { cert_file: 'wild.crt', key_file: 'wild.key', certificates }
    await using opened = openTls(files.folder, options)
    await using server = await serve(opened.tls)

    expect(await visit(server.port, {})).toMatchObject({ certificate: 'wild' })
  })
})

describe('strict_sni', () => {
  it.each(['unknown.test', 'a.b.wild.test', ''])(
    'sends those away with the alert "unrecognized name" who ask for "%s"',
    async (servername) => {
      await using opened = openTls(files.folder, { certificates, strict_sni: true })
      await using server = await serve(opened.tls)

      const seen = await visit(server.port, { servername })

      expect(seen.error).toMatch(/UNRECOGNIZED_NAME/)
      expect(server.failed).toHaveLength(1)
    },
  )

  it('lets those in who ask for a name that is known', async () => {
    await using opened = openTls(files.folder, { certificates, strict_sni: true })
    await using server = await serve(opened.tls)

    expect(await visit(server.port, { servername: 'x.wild.test' })).toMatchObject({
      certificate: 'wild',
    })
  })
})

describe('versions and protocols', () => {
  it('refuses a client with TLS 1.2 if 1.3 is the oldest', async () => {
    await using opened = openTls(files.folder, { certificates, min_version: '1.3' })
    await using server = await serve(opened.tls)

    const seen = await visit(server.port, { maxVersion: 'TLSv1.2' })

    expect(seen.error).toMatch(/PROTOCOL_VERSION/)
    expect(await visit(server.port, {})).toMatchObject({ version: 'TLSv1.3' })
  })

  it('speaks TLS 1.2 if nothing else was said', async () => {
    await using opened = openTls(files.folder, { certificates })
    await using server = await serve(opened.tls)

    const seen = await visit(server.port, { maxVersion: 'TLSv1.2' })

    expect(seen).toMatchObject({ version: 'TLSv1.2', said: 'hello' })
  })

  it.each([
    { offers: ['h2', 'http/1.1'], alpn: 'h2' },
    { offers: ['http/1.1', 'h2'], alpn: 'h2' },
    { offers: ['http/1.1'], alpn: 'http/1.1' },
    { offers: [], alpn: undefined },
  ])('agrees with a client that offers $offers on $alpn', async ({ offers, alpn }) => {
    await using opened = openTls(files.folder, { certificates }, { alpn: ['h2', 'http/1.1'] })
    await using server = await serve(opened.tls)

    const seen = await visit(server.port, { ALPNProtocols: offers })

    expect(seen.alpn).toBe(alpn)
    expect(server.secured[0]).toMatchObject({ alpn, offeredAlpn: offers })
  })

  it('ends the handshake if there is nothing to agree on', async () => {
    await using opened = openTls(files.folder, { certificates, alpn: ['http/1.1'] })
    await using server = await serve(opened.tls)

    const seen = await visit(server.port, { ALPNProtocols: ['spdy/1'] })

    expect(seen.error).toMatch(/NO_APPLICATION_PROTOCOL/)
  })
})
