import { once } from 'node:events'
import { connect as connectSession } from 'node:http2'
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
} from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configFor } from '../behind.ts'
import { Http2Client } from './client.ts'

let ca: TestCertificate
let files: CertificateFiles

beforeAll(async () => {
  ca = await testCertificate({ commonName: 'Test CA', isAuthority: true })
  files = await certificateFiles({
    ca,
    a: await testCertificate({ names: ['a.test', 'also.test'], ca }),
  })
})

afterAll(() => files[Symbol.asyncDispose]())

describe('an HTTP entrypoint with TLS', () => {
  it('serves HTTP/2 to clients that know it, and tells the server so', async () => {
    const body = 'x'.repeat(1_000_000)
    await using upstream = await startUpstream(({ text }) => reply(200, {}, text))
    await using gateway = await startSecure(upstream.url)
    await using client = await connectSecure(gateway)

    const answer = await client.send({ ':method': 'POST' }, body)
    const other = await client.send({ ':authority': 'also.test' })

    expect(client.session.alpnProtocol).toBe('h2')
    expect(answer.body === body).toBe(true)
    expect(other.status).toBe(200)
    expect(upstream.requests[0]?.headers).toMatchObject({
      host: expect.stringContaining('a.test'),
      'x-forwarded-proto': 'https',
    })
  })

  it('answers 421 to requests for hosts that its certificate is not for', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'x'))
    await using gateway = await startSecure(upstream.url)
    await using client = await connectSecure(gateway)

    const refused = await client.send({ ':authority': 'other.test' })
    const next = await client.send({})

    expect([refused.status, next.status]).toEqual([421, 200])
    expect(upstream.requests).toHaveLength(1)
  })

  it('serves HTTP/1.1 to others, which may not begin with HTTP/2 after all', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'x'))
    await using gateway = await startSecure(upstream.url)
    const tls = { ca: ca.cert, servername: 'a.test', ALPNProtocols: ['http/1.1'] }
    using client = await connect(gateway.port(), { tls })
    using liar = await connect(gateway.port(), { tls })

    await client.send('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n')
    await liar.send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

    expect((await client.readResponse()).status).toBe(200)
    expect((await liar.readResponse()).status).toBe(505)
  })

  it('speaks HTTP/1.1 only where HTTP/2 is switched off', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'x'))
    await using gateway = await startSecure(upstream.url, { h2: false })
    const tls = { ca: ca.cert, servername: 'a.test', ALPNProtocols: ['h2', 'http/1.1'] }
    using client = await connect(gateway.port(), { tls })

    expect(client.secure?.alpnProtocol).toBe('http/1.1')
  })

  it('ends what it began when the gateway stops', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'x'))
    await using gateway = await startSecure(upstream.url)
    await using client = await connectSecure(gateway)
    await client.send({})

    await gateway.close()

    await client.closed()
    expect(new Set(client.goaways)).toEqual(new Set([0]))
  })
})

function startSecure(url: string, http: object = {}): Promise<TestGateway> {
  const tls = { cert_file: 'a.crt', key_file: 'a.key' }
  return startGateway(configFor(url, { entrypoint: { tls, http } }), { baseDir: files.folder })
}

async function connectSecure({ port }: TestGateway): Promise<Http2Client> {
  const session = connectSession(`https://a.test:${port()}`, {
    ca: ca.cert,
    host: '127.0.0.1',
    lookup: (_host, options, callback) => {
      if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }])
      else callback(null, '127.0.0.1', 4)
    },
  })
  const client = new Http2Client(session)
  await once(session, 'connect')
  return client
}
