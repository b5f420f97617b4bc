import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { certificateFiles, testCertificate } from '../src/index.ts'

describe('a certificate for tests', () => {
  it('is believed by clients that believe its authority', async () => {
    const ca = await testCertificate({ commonName: 'Test CA', isAuthority: true })
    const { cert, key } = await testCertificate({ names: ['a.test', '*.b.test', '127.0.0.1'], ca })
    const server = createServer({ cert, key }, (socket) => socket.end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    // Bound to a TCP port, so it has an AddressInfo.
    const { port } = server.address() as AddressInfo

    const client = connect({ host: '127.0.0.1', port, servername: 'x.b.test', ca: ca.cert })
    await once(client, 'secureConnect')

    expect(client.authorized).toBe(true)
    client.destroy()
    server.close()
  })

  it('says what it was told', async () => {
    const notAfter = new Date('2020-01-01T00:00:00Z')

    const { cert } = await testCertificate({ commonName: 'old', names: ['::1'], notAfter })

    const read = new X509Certificate(cert)
    expect(read.subject).toBe('CN=old')
    expect(read.issuer).toBe('CN=old')
    expect(read.subjectAltName).toBe('IP Address:0:0:0:0:0:0:0:1')
    expect(read.validToDate).toEqual(notAfter)
  })

  it('is written into files that are gone afterwards', async () => {
    const one = await testCertificate({ names: ['a.test'] })
    const path = await (async () => {
      await using files = await certificateFiles({ a: one })
      expect(await readFile(`${files.folder}/a.crt`, 'utf8')).toBe(one.cert)
      expect(await readFile(`${files.folder}/a.key`, 'utf8')).toBe(one.key)
      return `${files.folder}/a.crt`
    })()

    await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
