import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls'
import {
  type CertificateFiles,
  certificateFiles,
  startGateway,
  type TestCertificate,
  testCertificate,
} from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configFor, deadServer, dial, readBytes, receive } from './servers.ts'

let ca: TestCertificate
let certificate: TestCertificate
let files: CertificateFiles

beforeAll(async () => {
  ca = await testCertificate({ commonName: 'Test CA', isAuthority: true })
  certificate = await testCertificate({ names: ['127.0.0.1'], ca })
  const client = await testCertificate({ commonName: 'gateway', ca })
  files = await certificateFiles({ ca, client })
})

afterAll(() => files[Symbol.asyncDispose]())

describe('a server with tls://', () => {
  it('gets what clients say in cleartext, and answers them', async () => {
    await using server = await startTls({})
    await using gateway = await startGateway(configFor([server.url], { balancer: trusting() }))
    const client = await dial(gateway.port())
    const bytes = Buffer.alloc(64 * 2 ** 20, 'to the server and back')

    client.end(bytes)
    const hash = createHash('sha256')
    for await (const chunk of client) hash.update(chunk)

    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'))
  }, 60_000)

  it('hears the end of a client and may go on itself', async () => {
    await using server = await startTls({}, (socket) => {
      let heard = ''
      socket.on('data', (chunk: Buffer) => {
        heard += chunk.toString()
      })
      socket.on('end', () => {
        socket.write(`heard ${heard}, `)
        setImmediate(() => socket.end('x'.repeat(200_000)))
      })
    })
    await using gateway = await startGateway(configFor([server.url], { balancer: trusting() }))
    const client = await dial(gateway.port())

    client.end('all')
    const received = await receive(client)

    expect(received.text.slice(0, 12)).toBe('heard all, x')
    expect(received).toMatchObject({ bytes: 200_011, ending: 'end' })
  })

  it('may end first, and hears the rest of the client', async () => {
    const heard = Promise.withResolvers<string>()
    await using server = await startTls({}, (socket) => {
      let text = ''
      socket.end('bye')
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      socket.on('end', () => heard.resolve(text))
    })
    await using gateway = await startGateway(configFor([server.url], { balancer: trusting() }))
    const client = await dial(gateway.port())
    const received = receive(client)

    expect(await received).toMatchObject({ text: 'bye', ending: 'end' })
    client.end('thanks')

    expect(await heard.promise).toBe('thanks')
  })

  it('sees a client certificate, and is asked for server_name', async () => {
    const named = await testCertificate({ names: ['db.internal'], ca })
    const demanding = { ...named, requestCert: true, rejectUnauthorized: true, ca: ca.cert }
    await using server = await startTls(demanding, (socket) => {
      const { servername } = socket as { servername?: string }
      socket.end(`${servername ?? ''} ${socket.getPeerX509Certificate()?.subject ?? ''}`)
    })
    const own = { cert_file: `${files.folder}/client.crt`, key_file: `${files.folder}/client.key` }
    const balancer = trusting({ ...own, server_name: 'db.internal' })
    await using gateway = await startGateway(configFor([server.url], { balancer }))
    const client = await dial(gateway.port())

    expect(await receive(client)).toMatchObject({ text: 'db.internal CN=gateway' })
    client.end()
  })

  it('is told who the client is before its handshake', async () => {
    await using server = await startProxied()
    const balancer = { ...trusting(), proxy_protocol: 'v1' }
    await using gateway = await startGateway(configFor([server.url], { balancer }))
    const client = await dial(gateway.port(), '127.0.0.7')

    client.write('hello')

    expect(await readBytes(client, 5)).toBe('hello')
    expect(server.headers[0]).toMatch(/^PROXY TCP4 127\.0\.0\.7 127\.0\.0\.1 \d+ \d+$/)
    client.destroy()
  })

  it.each([
    { alpn: undefined, chosen: false },
    { alpn: ['mqtt', 'other'], chosen: 'mqtt' },
  ])('is offered what alpn says: $alpn', async ({ alpn, chosen }) => {
    await using server = await startTls({ ALPNProtocols: ['mqtt'] }, (socket) =>
      socket.end(String(socket.alpnProtocol)),
    )
    const balancer = trusting(alpn === undefined ? {} : { alpn })
    await using gateway = await startGateway(configFor([server.url], { balancer }))
    const client = await dial(gateway.port())

    expect(await receive(client)).toMatchObject({ text: String(chosen) })
    client.end()
  })

  it('that cannot prove who it is gets nothing, and the next one is tried', async () => {
    const wrong = await testCertificate({ names: ['127.0.0.2'], ca })
    await using bad = await startTls(wrong)
    await using good = await startTls({})
    const servers = [bad.url, (await deadServer()).replace('tcp:', 'tls:'), good.url]
    await using gateway = await startGateway(configFor(servers, { balancer: trusting() }))
    const client = await dial(gateway.port())

    client.end('secret')

    expect(await receive(client)).toMatchObject({ text: 'secret', ending: 'end' })
    expect(bad.secured).toBe(0)
  })

  it('that nobody can replace costs the connection, and the log says why', async () => {
    await using bad = await startTls(await testCertificate({ names: ['127.0.0.1'] }))
    await using gateway = await startGateway(configFor([bad.url], { balancer: trusting() }))
    const client = await dial(gateway.port())

    expect(await receive(client)).toMatchObject({ bytes: 0 })
    expect(gateway.logs.find({ code: 'GW_UPSTREAM_TLS_CERTIFICATE' })).toMatchObject([
      { problem: expect.stringContaining('self-signed'), endpoint: bad.url },
    ])
    client.end()
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'that demands a client certificate in vain is quoted in the log (%s)',
    async (maxVersion) => {
      const demanding = { requestCert: true, rejectUnauthorized: true, ca: ca.cert, maxVersion }
      await using server = await startTls(demanding)
      await using gateway = await startGateway(configFor([server.url], { balancer: trusting() }))

      for (let i = 0; i < 3; i++) {
        const client = await dial(gateway.port())
        expect(await receive(client)).toMatchObject({ bytes: 0 })
        client.destroy()
      }

      const logged = gateway.logs.find({ level: 'warn', code: 'GW_UPSTREAM_TLS_ALERT' })
      expect(logged).toHaveLength(1)
      for (const { problem } of logged) expect(problem).toContain('client certificate')
    },
  )

  it('has connect_timeout for its handshake', async () => {
    const gone = Promise.withResolvers<void>()
    const silent = createServer((socket) => {
      socket.on('error', () => undefined).on('close', () => gone.resolve())
      socket.resume()
    })
    await using server = await listen(silent)
    const balancer = { ...trusting(), connect_timeout: '50ms' }
    await using gateway = await startGateway(configFor([server.url], { balancer }))
    const client = await dial(gateway.port())

    expect(await receive(client)).toMatchObject({ bytes: 0 })
    expect(gateway.logs.find({ code: 'GW_UPSTREAM_CONNECT_TIMEOUT' })).toHaveLength(1)
    await gone.promise
    client.end()
  })

  it('that resets its connection has that of the client reset', async () => {
    const raw: Socket[] = []
    await using server = await startTls({}, (socket) => {
      socket.once('data', () => raw[0]?.resetAndDestroy())
      socket.write('half')
    })
    server.onRaw = (socket) => raw.push(socket)
    await using gateway = await startGateway(configFor([server.url], { balancer: trusting() }))
    const client = await dial(gateway.port())
    await readBytes(client, 4)

    client.write('go')

    expect(await receive(client)).toMatchObject({ ending: 'ECONNRESET' })
  })

  it('loses its connection with a reset if the client breaks off', async () => {
    const ended = Promise.withResolvers<string>()
    await using server = await startTls({}, (socket) => {
      socket.resume()
      socket.on('end', () => ended.resolve('end')).on('error', () => undefined)
      socket.on('close', () => ended.resolve('cut'))
      socket.write('ready')
    })
    await using gateway = await startGateway(configFor([server.url], { balancer: trusting() }))
    const client = await dial(gateway.port())
    await readBytes(client, 5)

    client.resetAndDestroy()

    expect(await ended.promise).toBe('cut')
  })
})

describe('a configuration with upstream_tls', () => {
  it('is refused beside servers that are not reached over TLS', async () => {
    const config = configFor(['tcp://127.0.0.1:1'], { balancer: trusting() })

    await expect(startGateway(config)).rejects.toMatchObject({
      problems: [
        {
          code: 'GW_TCP_TLS_UNUSED',
          path: ['services', 'app', 'load_balancer', 'upstream_tls'],
          message: expect.stringContaining('"tcp://127.0.0.1:1" is not reached over TLS'),
        },
      ],
    })
  })

  it('may change, for connections that are made from then on', async () => {
    await using server = await startTls({})
    await using gateway = await startGateway(configFor([server.url], { balancer: trusting() }))
    const before = await dial(gateway.port())
    before.write('1')
    await readBytes(before, 1)

    await gateway.reload(configFor([server.url]))
    const after = await dial(gateway.port())

    expect(await receive(after)).toMatchObject({ bytes: 0 })
    before.write('2')
    expect(await readBytes(before, 1)).toBe('2')
    before.destroy()
    after.destroy()
  })
})

function trusting(further: Record<string, unknown> = {}) {
  return { upstream_tls: { ca_files: [`${files.folder}/ca.crt`], ...further } }
}

/** A server of bytes over TLS. */
interface TlsServer extends AsyncDisposable {
  readonly url: string
  /** Handshakes that came to their end. */
  readonly secured: number
  onRaw: (socket: Socket) => void
}

/** Default: sends back what it gets, and ends when its client does. */
async function startTls(
  options: TlsOptions,
  onConnection: (socket: TLSSocket) => void = (socket) => void socket.pipe(socket),
): Promise<TlsServer> {
  let secured = 0
  const server = createTlsServer({ ...certificate, allowHalfOpen: true, ...options }, (socket) => {
    secured++
    socket.on('error', () => undefined)
    onConnection(socket)
  })
  const listening = await listen(server)
  const started = {
    ...listening,
    onRaw: (_socket: Socket): void => undefined,
    get secured() {
      return secured
    },
  }
  server.on('connection', (socket: Socket) => started.onRaw(socket))
  return started
}

/** A server that takes the line of a proxy, and then speaks TLS. */
async function startProxied() {
  const headers: string[] = []
  const secure = createTlsServer(certificate, (socket) => {
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (chunk: Buffer) => {
      const end = chunk.indexOf('\r\n')
      headers.push(chunk.toString('latin1', 0, end))
      const rest = chunk.subarray(end + 2)
      socket.pause()
      if (rest.length > 0) socket.unshift(rest)
      secure.emit('connection', socket)
    })
  })
  return { headers, ...(await listen(server)) }
}

async function listen(server: Server) {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => open.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of open) socket.destroy()
    await closed
  }
  const port = typeof address === 'object' ? address?.port : undefined
  return { url: `tls://127.0.0.1:${port}`, [Symbol.asyncDispose]: stop }
}
