import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server } from 'node:net'
import {
  type CertificateFiles,
  certificateFiles,
  type TestCertificate,
  testCertificate,
} from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configFor, startBehind } from '../behind.ts'
import { startHttps } from './https-server.ts'

let ca: TestCertificate
let certificate: TestCertificate
let files: CertificateFiles
/** Keys of `load_balancer` that trust the authority of the tests. */
let trusting: Record<string, unknown>

beforeAll(async () => {
  ca = await testCertificate({ commonName: 'Test CA', isAuthority: true })
  certificate = await testCertificate({ names: ['127.0.0.1', 'localhost'], ca })
  const client = await testCertificate({ commonName: 'gateway', ca })
  files = await certificateFiles({ ca, client })
  trusting = { upstream_tls: { ca_files: [`${files.folder}/ca.crt`] } }
})

afterAll(() => files[Symbol.asyncDispose]())

describe('a server with https://', () => {
  it('is asked as any other', async () => {
    await using server = await startHttps(certificate)
    await using gateway = await startBehind(server, { balancer: trusting, basePath: '/base' })

    const response = await gateway.request('/a?b=c', { headers: { host: 'shop.example' } })

    expect(response.json()).toEqual({ method: 'GET', url: '/base/a?b=c', host: 'shop.example' })
  })

  it('is told its own name if it is not to know that of the client', async () => {
    await using server = await startHttps(certificate, 'localhost')
    const balancer = { ...trusting, pass_host_header: false }
    await using gateway = await startBehind(server, { balancer })

    const response = await gateway.request('/', { headers: { host: 'shop.example' } })

    expect(response.json()).toMatchObject({ host: new URL(server.url).host })
  })

  it('sees a client certificate', async () => {
    const demanding = { ...certificate, ca: ca.cert, requestCert: true, rejectUnauthorized: true }
    await using server = await startHttps(demanding)
    const own = { cert_file: `${files.folder}/client.crt`, key_file: `${files.folder}/client.key` }
    const balancer = { upstream_tls: { ca_files: [`${files.folder}/ca.crt`], ...own } }
    await using gateway = await startBehind(server, { balancer })

    expect((await gateway.request('/')).json()).toMatchObject({ client: 'CN=gateway' })
  })

  it('serves a thousand requests over the connections that it has', async () => {
    await using server = await startHttps(certificate)
    await using gateway = await startBehind(server, { balancer: trusting })

    const clients = await Promise.all(Array.from({ length: 10 }, () => gateway.connect()))
    await Promise.all(
      clients.map(async (client) => {
        for (let i = 0; i < 100; i++) {
          await client.send(`GET /${i} HTTP/1.1\r\nHost: h\r\n\r\n`)
          const response = await client.readResponse()
          expect(response.json()).toMatchObject({ url: `/${i}` })
        }
        client[Symbol.dispose]()
      }),
    )

    expect(server.handshakes.length).toBeLessThanOrEqual(10)
  })

  it('gets and sends large bodies, byte for byte', async () => {
    await using server = await startHttps(certificate)
    await using gateway = await startBehind(server, { balancer: trusting })
    const body = Buffer.alloc(64 * 2 ** 20, 'somewhere')

    const up = await gateway.request('/digest', { method: 'POST', body })
    const down = await gateway.request(`/bytes/${body.length}`)

    expect(up.text).toBe(digestOf(body))
    expect(down.body).toHaveLength(body.length)
    expect(digestOf(down.body)).toBe(down.headers['x-digest'])
  }, 60_000)

  it('gets and sends bodies on many connections at once', async () => {
    await using server = await startHttps(certificate)
    await using gateway = await startBehind(server, { balancer: trusting })
    // The first connection decides how the next ones are read and written.
    await gateway.request('/')
    const bodies = Array.from({ length: 6 }, (_, i) => Buffer.alloc(5 * 2 ** 20 + i, `body ${i} `))

    const up = await Promise.all(
      bodies.map((body) => gateway.request('/digest', { method: 'POST', body: [body] })),
    )
    const down = await Promise.all(bodies.map(({ length }) => gateway.request(`/bytes/${length}`)))

    expect(up.map(({ text }) => text)).toEqual(bodies.map(digestOf))
    expect(down.map(({ body }) => digestOf(body))).toEqual(
      down.map(({ headers }) => headers['x-digest']),
    )
    expect(server.handshakes.length).toBeGreaterThan(1)
  })

  it('shares connections among requests if they are to', async () => {
    await using server = await startHttps(certificate)
    await using gateway = await startBehind(server, { balancer: { ...trusting, pipeline: true } })
    await gateway.request('/first')
    await expect.poll(() => server.handshakes.length).toBe(2)

    const responses = await Promise.all(
      Array.from({ length: 8 }, (_, i) => gateway.request(`/${i}`)),
    )

    expect(responses.map((response) => response.json())).toMatchObject(
      Array.from({ length: 8 }, (_, i) => ({ url: `/${i}` })),
    )
    // Two that are shared, and one beside them.
    expect(server.handshakes.length).toBeLessThanOrEqual(3)
  })

  it('resumes its session with the next connection', async () => {
    await using server = await startHttps(certificate)
    await using gateway = await startBehind(server, { balancer: trusting })

    await gateway.request('/', { headers: { connection: 'close' } })
    const [first, second] = [await gateway.connect(), await gateway.connect()]
    await first.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    await second.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    await Promise.all([first.readResponse(), second.readResponse()])
    first[Symbol.dispose]()
    second[Symbol.dispose]()

    expect(server.handshakes).toEqual(['full', 'resumed'])
  })
})

describe('a reload', () => {
  it('that changes nothing about a server leaves its connections', async () => {
    await using server = await startHttps(certificate)
    await using gateway = await startBehind(server, { balancer: trusting })

    await gateway.request('/')
    for (let i = 0; i < 5; i++) await gateway.reload(configFor(server.url, { balancer: trusting }))
    await gateway.request('/')

    expect(server.handshakes).toEqual(['full'])
  })

  it('that changes whom to trust makes new ones, by the new rules', async () => {
    await using server = await startHttps(certificate)
    await using gateway = await startBehind(server, { balancer: trusting })
    await gateway.request('/')

    await gateway.reload(configFor(server.url))
    const distrusted = await gateway.request('/')
    await gateway.reload(configFor(server.url, { balancer: trusting }))
    const trusted = await gateway.request('/')

    expect(distrusted.json()).toMatchObject({ code: 'GW_UPSTREAM_TLS_CERTIFICATE' })
    expect(trusted.status).toBe(200)
  })

  it('with files that are missing is refused, with the place', async () => {
    await using server = await startHttps(certificate)
    await using gateway = await startBehind(server, { balancer: trusting })
    const missing = [`${files.folder}/none.crt`, `${files.folder}/ca.crt`, `${files.folder}/no.crt`]
    const balancer = { upstream_tls: { ca_files: missing } }
    const option = ['services', 'app', 'load_balancer', 'upstream_tls', 'ca_files']

    await expect(gateway.reload(configFor(server.url, { balancer }))).rejects.toMatchObject({
      problems: [{ path: [...option, 0] }, { path: [...option, 2] }],
    })
    expect((await gateway.request('/')).status).toBe(200)
  })
})

describe('a server with https:// that is not as it should be', () => {
  it('costs a 502, and the log says what to do', async () => {
    const wrong = await testCertificate({ names: ['other.test'], ca })
    await using server = await startHttps(wrong)
    await using gateway = await startBehind(server, { balancer: trusting })

    const response = await gateway.request('/', { method: 'POST', body: 'x' })

    const code = 'GW_UPSTREAM_TLS_CERTIFICATE'
    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({ code, error: 'Bad gateway' })
    expect(response.headers['proxy-status']).toContain('tls_certificate_error')
    expect(response.text).not.toContain('other.test')
    expect(gateway.logs.find({ level: 'warn', code })).toMatchObject([
      {
        problem: expect.stringMatching(/is for other\.test, not for "127\.0\.0\.1"; set upstream/),
      },
    ])
  })

  it('speaks HTTP without TLS', async () => {
    await using server = await startPlain()
    await using gateway = await startBehind(server)

    const response = await gateway.request('/')

    expect(response.status).toBe(502)
    expect(gateway.logs.find({ code: 'GW_UPSTREAM_TLS' })).toMatchObject([
      { problem: expect.stringContaining('does not speak TLS on this port') },
    ])
  })

  it('demands a client certificate that there is none of', async () => {
    await using server = await startHttps({ ...certificate, ca: ca.cert, requestCert: true })
    await using gateway = await startBehind(server, { balancer: trusting })

    const statuses: number[] = []
    for (let i = 0; i < 5; i++) statuses.push((await gateway.request('/')).status)

    expect(statuses).toEqual(Array(5).fill(502))
    const logged = gateway.logs.find({ code: 'GW_UPSTREAM_TLS_ALERT' })
    expect(logged).toHaveLength(1)
    for (const { problem } of logged) expect(problem).toContain('demands a client certificate')
  })

  it('takes too long for its handshake', async () => {
    await using silent = await startSilent()
    await using gateway = await startBehind(silent, { balancer: { connect_timeout: '50ms' } })

    const response = await gateway.request('/')

    expect(response.status).toBe(504)
    expect(response.json()).toMatchObject({ code: 'GW_UPSTREAM_CONNECT_TIMEOUT' })
    await silent.gone
  })

  it('is passed over by retry, since nothing was sent', async () => {
    await using good = await startHttps(certificate)
    await using bad = await startHttps(await testCertificate({ names: ['127.0.0.1'] }))
    const config = configFor(bad.url, { balancer: trusting })
    const servers = [{ url: bad.url }, { url: good.url }]
    await using gateway = await startBehind(bad)
    await gateway.reload({
      ...config,
      routers: { all: { rule: 'PathPrefix(`/`)', service: 'app', middlewares: ['again'] } },
      middlewares: { again: { type: 'retry', max_retries: 1 } },
      services: { app: { load_balancer: { ...trusting, servers } } },
    })

    const statuses: number[] = []
    for (let i = 0; i < 4; i++) {
      statuses.push((await gateway.request('/', { method: 'POST', body: 'x' })).status)
    }

    expect(statuses).toEqual([200, 200, 200, 200])
  })
})

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** A server of HTTP without TLS, though its URL says otherwise. */
async function startPlain() {
  const server = createHttpServer((_request, response) => response.end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: urlOf(server), [Symbol.asyncDispose]: () => stop(server) }
}

/** A server that takes connections and says nothing. */
async function startSilent() {
  const gone = Promise.withResolvers<void>()
  const server = createServer((socket) => {
    socket.on('error', () => undefined).on('close', () => gone.resolve())
    socket.resume()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: urlOf(server), gone: gone.promise, [Symbol.asyncDispose]: () => stop(server) }
}

function urlOf(server: Server): string {
  const address = server.address()
  return `https://127.0.0.1:${typeof address === 'object' ? address?.port : undefined}`
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  await closed
}
