import { once } from 'node:events'
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net'
import { connect } from 'node:tls'
import { certificateFiles, testCertificate } from '@gatewright/testing'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { realHello } from './hellos.ts'
import { openTls, serve } from './server.ts'

const first = { cert_file: 'a.crt', key_file: 'a.key' }

describe('a client that means harm', () => {
  it('changes nothing for the others with a hello that was tampered with', async () => {
    await using files = await certificateFiles({ a: await testCertificate({ names: ['a.test'] }) })
    await using opened = openTls(files.folder, first)
    await using server = await serve(opened.tls)
    const hello = await realHello('a.test', ['h2'])
    const tampered = fc
      .tuple(fc.nat(hello.length - 1), fc.nat(255), fc.nat(3))
      .map(
        ([at, byte, extra]): Buffer =>
          Buffer.concat([hello.subarray(0, at), Buffer.alloc(extra, byte), hello.subarray(at + 1)]),
      )

    await fc.assert(
      fc.asyncProperty(tampered, async (bytes) => {
        const client = connectTcp({ host: '127.0.0.1', port: server.port })
        client.on('error', () => undefined).resume()
        client.end(bytes)
        await closed(client)
      }),
      { numRuns: 300, seed: 7 },
    )

    await vi.waitFor(() => expect(opened.tls.handshakes).toBe(0))
    const good = connect({ port: server.port, servername: 'a.test', rejectUnauthorized: false })
    const [said]: Buffer[] = await once(good, 'data')
    expect(String(said)).toBe('hello')
    good.destroy()
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'ends nothing but its connection with garbage right behind its handshake in %s',
    async (maxVersion) => {
      await using files = await certificateFiles({
        a: await testCertificate({ names: ['a.test'] }),
      })
      await using opened = openTls(files.folder, first)
      await using server = await serve(opened.tls)
      await using between = await startBetween(server.port)

      const client = connect({
        host: '127.0.0.1',
        port: between.port,
        servername: 'a.test',
        rejectUnauthorized: false,
        maxVersion,
      })
      client.on('error', () => undefined).resume()
      await closed(client)

      await vi.waitFor(() => expect(server.secured.length + server.failed.length).toBe(1))
      expect(opened.tls.handshakes).toBe(0)
    },
  )
})

/** However it ends. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once('close', () => resolve()))
}

interface Between extends AsyncDisposable {
  readonly port: number
}

/** Passes bytes on, and puts a broken record behind the client's second message. */
async function startBetween(target: number): Promise<Between> {
  const broken = Buffer.concat([Buffer.from([0x17, 3, 3, 0, 60]), Buffer.alloc(60, 1)])
  const server = createServer((client) => {
    const upstream = connectTcp({ host: '127.0.0.1', port: target })
    let pieces = 0
    client.on('data', (bytes: Buffer) => {
      upstream.write(++pieces === 2 ? Buffer.concat([bytes, broken]) : bytes)
    })
    for (const socket of [client, upstream]) {
      socket
        .on('error', () => undefined)
        .on('close', () => {
          client.destroy()
          upstream.destroy()
        })
    }
    upstream.pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}
