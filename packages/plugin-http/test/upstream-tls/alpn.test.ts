import { once } from 'node:events'
import { createSecureServer, type Http2ServerRequest } from 'node:http2'
import { createServer as createSingle } from 'node:https'
import type { Server, Socket } from 'node:net'
import type { TlsOptions } from 'node:tls'
import {
  type CertificateFiles,
  certificateFiles,
  startGateway,
  type TestCertificate,
  testCertificate,
} from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configFor, startBehind } from '../behind.ts'
import { chat, switched } from '../chat.ts'

let certificate: TestCertificate
let files: CertificateFiles

beforeAll(async () => {
  const ca = await testCertificate({ commonName: 'Test CA', isAuthority: true })
  certificate = await testCertificate({ names: ['127.0.0.1'], ca })
  files = await certificateFiles({ ca })
})

afterAll(() => files[Symbol.asyncDispose]())

describe('a server with https://', () => {
  it('is talked to over HTTP/2 if it speaks that, on one connection', async () => {
    await using server = await startServer('both')
    await using gateway = await startBehind(server, trusting())

    const first = await Promise.all(Array.from({ length: 20 }, () => gateway.request('/')))
    const later = await gateway.request('/', { method: 'POST', body: 'x'.repeat(100_000) })

    expect(new Set(first.map(({ text }) => text))).toEqual(new Set(['2.0 0']))
    expect(later.text).toBe('2.0 100000')
    expect(server.connections).toBe(1)
  })

  it('is talked to over HTTP/1.1 if it speaks nothing else', async () => {
    await using server = await startServer('http/1.1')
    await using gateway = await startBehind(server, trusting())

    const first = await Promise.all(Array.from({ length: 20 }, () => gateway.request('/')))
    const later = await gateway.request('/', { method: 'POST', body: 'x'.repeat(100_000) })

    expect(new Set(first.map(({ text }) => text))).toEqual(new Set(['1.1 0']))
    expect(later.text).toBe('1.1 100000')
    expect(server.connections).toBeLessThanOrEqual(20)
  })

  it.each([
    { alpn: ['http/1.1'], version: '1.1' },
    { alpn: ['h2'], version: '2.0' },
  ])('is offered what alpn says: $alpn', async ({ alpn, version }) => {
    await using server = await startServer('both')
    await using gateway = await startBehind(server, trusting({ alpn }))

    expect((await gateway.request('/')).text).toBe(`${version} 0`)
  })

  it('is switched to other protocols over HTTP/1.1, whatever else it speaks', async () => {
    await using server = await startServer('both')
    await using gateway = await startBehind(server, { ...trusting(), plugins: [chat] })
    expect((await gateway.request('/')).text).toBe('2.0 0')

    using client = await switched(gateway)
    await client.send('ping')

    expect((await client.readBytes(4)).toString()).toBe('ping')
  })

  it('fails if it speaks nothing that is offered', async () => {
    await using server = await startServer('http/1.1')
    await using gateway = await startBehind(server, trusting({ alpn: ['h2'] }))

    const response = await gateway.request('/')

    expect(response.status).toBe(502)
    expect(gateway.logs.find({ code: 'GW_UPSTREAM_TLS_ALERT' })).toMatchObject([
      { problem: expect.stringContaining('none of the protocols that are offered') },
    ])
  })

  it('that demands a client certificate in vain says so over HTTP/2, too', async () => {
    await using server = await startServer('both', 0, { requestCert: true })
    await using gateway = await startBehind(server, trusting({ alpn: ['h2'] }))

    const statuses: number[] = []
    for (let i = 0; i < 3; i++) statuses.push((await gateway.request('/')).status)

    expect(statuses).toEqual([502, 502, 502])
    const logged = gateway.logs.find({ code: 'GW_UPSTREAM_TLS_ALERT' })
    expect(logged).toHaveLength(1)
    for (const { problem } of logged) expect(problem).toContain('demands a client certificate')
  })

  it('may be replaced by one that does not speak HTTP/2 any more, and the other way round', async () => {
    const first = await startServer('both')
    await using gateway = await startBehind(first, trusting())
    expect((await gateway.request('/')).text).toBe('2.0 0')
    const { port } = new URL(first.url)
    await first[Symbol.asyncDispose]()

    const second = await startServer('http/1.1', Number(port))
    await expect.poll(async () => (await gateway.request('/')).text).toBe('1.1 0')
    await second[Symbol.asyncDispose]()
  })

  it('that cannot be reached fails all requests that wait for the first connection', async () => {
    const gone = await startServer('both')
    await gone[Symbol.asyncDispose]()
    await using gateway = await startBehind(gone, trusting())

    const responses = await Promise.all(Array.from({ length: 5 }, () => gateway.request('/')))

    expect(responses.map(({ status }) => status)).toEqual(Array(5).fill(502))
    expect(gateway.logs.find({ code: 'GW_UPSTREAM_CONNECT' })).toHaveLength(1)
  })

  it('has its connection made though nobody waits for it any more', async () => {
    await using server = await startServer('both')
    await using gateway = await startBehind(server, trusting())
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    client[Symbol.dispose]()
    await expect.poll(() => gateway.endpoint().active).toBe(0)

    expect((await gateway.request('/')).text).toBe('2.0 0')
  })
})

it.each(['https', 'wss', 'grpcs'])(
  'alpn is refused with a protocol that is not spoken with %s://',
  async (scheme) => {
    const { balancer } = trusting({ alpn: ['http/1.1', 'h2c'] })

    await expect(
      startGateway(configFor(`${scheme}://127.0.0.1:1`, { balancer })),
    ).rejects.toMatchObject({
      problems: [
        {
          code: 'GW_HTTP_ALPN_UNKNOWN',
          path: ['services', 'app', 'load_balancer', 'upstream_tls', 'alpn', 1],
        },
      ],
    })
  },
)

/** Keys of the gateway in front that trust the authority of the tests. */
function trusting(further: Record<string, unknown> = {}) {
  return { balancer: { upstream_tls: { ca_files: [`${files.folder}/ca.crt`], ...further } } }
}

/** Answers with the version of HTTP and the length of the request body. */
async function startServer(speaks: 'both' | 'http/1.1', port = 0, options: TlsOptions = {}) {
  const { cert, key } = certificate
  const server: Server =
    speaks === 'both'
      ? createSecureServer({ cert, key, allowHTTP1: true, ...options }, (request, response) => {
          void answer(request, response)
        })
      : createSingle({ cert, key }, (request, response) => {
          void answer(request, response)
        })
  server.on('upgrade', (_request, socket: Socket) => {
    socket.on('error', () => undefined)
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: chat\r\n\r\n')
    socket.pipe(socket)
  })
  const open = new Set<Socket>()
  let connections = 0
  server.on('connection', (socket: Socket) => open.add(socket))
  server.on('secureConnection', () => connections++)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : port}`
  return {
    url,
    get connections() {
      return connections
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}

async function answer(
  request: Pick<Http2ServerRequest, 'httpVersion'> & AsyncIterable<Buffer>,
  response: { readonly end: (text: string) => unknown },
): Promise<void> {
  let length = 0
  for await (const chunk of request) length += chunk.length
  response.end(`${request.httpVersion} ${length}`)
}
