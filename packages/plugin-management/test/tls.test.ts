import { get } from 'node:https'
import { certificateFiles, testCertificate } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { ask, start } from './support/management.ts'

describe('with TLS', () => {
  it('answers those who trust its certificate', async () => {
    const ca = await testCertificate({ commonName: 'Test CA', isAuthority: true })
    const server = await testCertificate({ names: ['127.0.0.1'], ca })
    await using files = await certificateFiles({ server })
    await using gateway = await start({ management: tlsOf(files.folder) })

    expect(await statusAt(gateway.port('management'), { ca: ca.cert })).toBe(200)
  })

  it('tells of certificates until when they are good, and never of keys', async () => {
    const notAfter = new Date('2099-01-02T03:04:05Z')
    const server = await testCertificate({ names: ['a.test', '127.0.0.1'], notAfter })
    await using files = await certificateFiles({ server })
    await using gateway = await start({
      blocks: `entrypoints "tls" {
        address = "127.0.0.1:0"
        ${tlsOf(files.folder)}
      }`,
    })

    const before = await ask(gateway, '/certificates')
    await files.write('server', { cert: 'nonsense' })
    const after = await ask(gateway, '/certificates')

    const from = { listener: 'tls', source: `${files.folder}/server.crt` }
    expect(before.json()).toEqual([
      {
        ...from,
        domains: ['a.test', '127.0.0.1'],
        subject: 'CN=a.test',
        issuer: 'CN=a.test',
        serial_number: expect.any(String),
        not_before: expect.any(String),
        not_after: '2099-01-02T03:04:05.000Z',
      },
    ])
    expect(after.json()).toEqual([{ ...from, problem: expect.any(String) }])
    expect(before.text).not.toContain('KEY')
  })

  it('needs no token at any address if all its clients show certificates', async () => {
    const ca = await testCertificate({ commonName: 'Test CA', isAuthority: true })
    const server = await testCertificate({ names: ['127.0.0.1'], ca })
    const alice = await testCertificate({ commonName: 'alice', ca })
    await using files = await certificateFiles({ server, ca })
    const auth = `client_auth {\n mode = "require"\n ca_files = ["${files.folder}/ca.crt"]\n }`
    await using gateway = await start({
      address: '0.0.0.0:0',
      management: tlsOf(files.folder, auth),
    })
    const port = gateway.port('management')

    const shown = await statusAt(port, { ca: ca.cert, cert: alice.cert, key: alice.key })
    const hidden = statusAt(port, { ca: ca.cert })

    expect(shown).toBe(200)
    await expect(hidden).rejects.toThrow(/alert|socket|ECONNRESET/)
  })

  it('is refused at other addresses if certificates are only wished for', async () => {
    const server = await testCertificate({ names: ['127.0.0.1'] })
    await using files = await certificateFiles({ server })
    const auth = `client_auth {\n mode = "request"\n ca_files = ["${files.folder}/server.crt"]\n }`

    const starting = start({ address: '0.0.0.0:0', management: tlsOf(files.folder, auth) })

    await expect(starting).rejects.toMatchObject({ problems: [{ code: 'GW_MANAGEMENT_OPEN' }] })
  })
})

function tlsOf(folder: string, rest: string = ''): string {
  return `tls {\n cert_file = "${folder}/server.crt"\n key_file = "${folder}/server.key"\n ${rest}\n }`
}

async function statusAt(
  port: number,
  tls: { readonly ca: string; readonly cert?: string; readonly key?: string },
): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  get(`https://127.0.0.1:${port}/api/gateway/health`, { ...tls, agent: false }, (response) => {
    response.resume().on('end', () => resolve(response.statusCode))
  }).on('error', reject)
  return promise
}
