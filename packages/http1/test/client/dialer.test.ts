import { once } from 'node:events'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { errors, type GatewayError } from '@gatewright/kernel'
import { type TestCertificate, testCertificate } from '@gatewright/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Dialer, UpstreamOrigin } from '../../src/index.ts'
import { Sender } from './sender.ts'

describe('connections that are encrypted', () => {
  it('carry requests and responses, and are used again', async () => {
    const certificate = await testCertificate({ names: ['127.0.0.1'] })
    const server = await startServer(certificate)
    using sender = new Sender(server.url, {}, undefined, encrypting(certificate))
    const upload = 'x'.repeat(300_000)

    const bodies = [await sender.fetch(), await sender.fetch()]
    const echo = await sender.fetch({ method: 'POST', body: Buffer.from(upload) })

    expect(bodies).toEqual(['1 GET', '1 GET'])
    expect(echo).toBe(`1 POST${upload}`)
    expect(sender.pool.size).toBe(1)
  })

  it('are shared by pipelined requests', async () => {
    const certificate = await testCertificate({ names: ['127.0.0.1'] })
    const server = await startServer(certificate)
    const pipeline = { connections: 1, depth: 32, headOfLineMs: 1000 }
    using sender = new Sender(server.url, {}, pipeline, encrypting(certificate))

    await sender.fetch()
    await expect.poll(() => sender.shared?.shared).toBe(1)
    const bodies = await Promise.all(Array.from({ length: 10 }, () => sender.fetch()))

    expect(new Set(bodies).size).toBe(1)
  })

  it('count as failed if the handshake does, in the words of whoever dials', async () => {
    const certificate = await testCertificate({ names: ['127.0.0.1'] })
    const other = await testCertificate({ names: ['127.0.0.1'] })
    const server = await startServer(certificate)
    using sender = new Sender(server.url, {}, undefined, encrypting(other))

    const { error } = await sender.send()

    expect(error?.message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT')
    expect(sender.pool.size).toBe(0)
  })

  it('have as much time for the handshake as is left of that to connect', async () => {
    const certificate = await testCertificate({ names: ['127.0.0.1'] })
    const accepted = Promise.withResolvers<Socket>()
    const silent = createTcpServer(accepted.resolve).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    onTestFinished(() => void silent.close())
    using sender = new Sender(urlOf(silent.address()), {}, undefined, encrypting(certificate))

    const { outcome } = sender.begin()
    const socket = await accepted.promise
    // The first record of a handshake: TCP has done its part.
    await once(socket, 'readable')
    sender.pass(5100)

    expect((await outcome).error?.code).toBe('GW_UPSTREAM_CONNECT_TIMEOUT')
    socket.on('error', () => undefined).resume()
    await once(socket, 'close')
    expect(sender.pool.size).toBe(0)
  })

  it('that are lost before they bring a byte are explained by whoever dials', async () => {
    const certificate = await testCertificate({ names: ['127.0.0.1'] })
    const server = await startServer(certificate, { requestCert: true, ca: certificate.cert })
    using sender = new Sender(server.url, {}, undefined, encrypting(certificate))

    const { error } = await sender.send()

    // With TLS 1.3 the client is done before the server has seen its certificate.
    expect(error?.message).toContain('certificate required')
    expect(error?.message).toContain('lost')
  })
})

describe('the origin of a server', () => {
  it.each([
    ['http://a.test', 'a.test', 80, 'a.test'],
    ['https://a.test', 'a.test', 443, 'a.test'],
    ['https://a.test:443', 'a.test', 443, 'a.test'],
    ['https://a.test:80', 'a.test', 80, 'a.test:80'],
    ['https://[::1]', '::1', 443, '[::1]'],
    ['https://[::1]:8443', '::1', 8443, '[::1]:8443'],
    ['h2c://a.test:80', 'a.test', 80, 'a.test'],
    ['grpcs://a.test', 'a.test', 443, 'a.test'],
    ['grpcs://a.test:80', 'a.test', 80, 'a.test:80'],
  ])('%s is reached at %s port %d and called %s', (url, host, port, authority) => {
    expect(new UpstreamOrigin(new URL(url))).toMatchObject({ host, port, authority })
  })

  it('is called by its URL in messages, whatever its scheme', () => {
    expect(new UpstreamOrigin(new URL('grpcs://a.test:8443/x')).text).toBe('grpcs://a.test:8443')
  })
})

/** Trusts one certificate, and nothing else. */
function encrypting({ cert }: TestCertificate): Dialer {
  return {
    secure: (socket, { host }) => connect({ socket, host, ca: cert }),
    failure: (endpoint, error) => failed(endpoint, 'failed', error),
    loss: (endpoint, error) => failed(endpoint, 'lost', error),
  }
}

function failed(endpoint: string, what: string, error: Error): GatewayError {
  const code = 'code' in error ? String(error.code) : ''
  const problem = `${what}: ${code} ${error.message}`
  return errors.GW_UPSTREAM_CONNECT({ endpoint, problem })
}

/** Answers each request with the number of its connection, its method and its body. */
async function startServer(
  { cert, key }: TestCertificate,
  options: { readonly requestCert?: boolean; readonly ca?: string } = {},
): Promise<{ readonly url: string }> {
  let connections = 0
  const server = createServer({ cert, key, ...options }, (socket) => serve(socket, ++connections))
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => open.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  return { url: urlOf(server.address()) }
}

function serve(socket: TLSSocket, connection: number): void {
  let text = ''
  socket.on('error', () => undefined)
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk
    for (;;) {
      const end = text.indexOf('\r\n\r\n') + 4
      const length = Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0)
      if (end < 4 || text.length < end + length) return
      const body = `${connection} ${text.split(' ', 1)[0]}${text.slice(end, end + length)}`
      text = text.slice(end + length)
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
    }
  })
}

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return `https://127.0.0.1:${address.port}`
}
