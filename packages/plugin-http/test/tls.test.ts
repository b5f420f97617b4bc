import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
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
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { configFor } from './behind.ts'

const run = promisify(execFile)
const get = (host: string, target = '/'): string =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
const pair = { cert_file: 'a.crt', key_file: 'a.key' }
const both = { certificates: [pair, { cert_file: 'wild.crt', key_file: 'wild.key' }] }

let ca: TestCertificate
let files: CertificateFiles

beforeAll(async () => {
  ca = await testCertificate({ commonName: 'Test CA', isAuthority: true })
  files = await certificateFiles({
    ca,
    a: await testCertificate({ names: ['a.test', 'also.test'], ca }),
    wild: await testCertificate({ names: ['*.wild.test'], ca }),
  })
})

afterAll(() => files[Symbol.asyncDispose]())

describe('an HTTP entrypoint with TLS', () => {
  it('serves encrypted requests, and tells the server so', async () => {
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await startSecure(upstream.url, pair)
    using client = await connect(gateway.port(), { tls: trusting('a.test') })

    await client.send(get('a.test') + get('a.test:8443'))
    const first = await client.readResponse()
    const second = await client.readResponse()

    expect([first.status, first.text, second.status]).toEqual([200, 'hello', 200])
    expect(client.secure?.authorized).toBe(true)
    expect(upstream.requests.map(({ headers }) => headers)).toMatchObject([
      { 'x-forwarded-proto': 'https', 'x-forwarded-port': '443', 'x-forwarded-host': 'a.test' },
      { 'x-forwarded-proto': 'https', 'x-forwarded-port': '8443' },
    ])
  })

  it('is what curl expects', async () => {
    await using upstream = await startUpstream(reply(200, [], 'x'.repeat(3_000_000)))
    await using gateway = await startSecure(upstream.url, pair)
    const port = gateway.port()

    const { stdout } = await curl(
      ...['--cacert', `${files.folder}/ca.crt`, '--resolve', `a.test:${port}:127.0.0.1`],
      ...['-w', '%{http_code} %{size_download} %{ssl_verify_result}', '-o', '/dev/null'],
      ...['--data-binary', 'y'.repeat(100_000), `https://a.test:${port}/upload`],
    )

    expect(stdout).toBe('200 3000000 0')
    expect(upstream.requests[0]?.body.length).toBe(100_000)
  })

  it('closes a connection on which something else than TLS arrives later', async () => {
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await startSecure(upstream.url, pair)
    const carrier = connectTcp(gateway.port(), '127.0.0.1')
    const secure = connectTls({ ...trusting('a.test'), socket: carrier }).on('error', () => {})
    secure.write(get('a.test'))
    await once(secure, 'data')

    carrier.write('GET / HTTP/1.1\r\n\r\n')

    await once(carrier, 'close')
    expect(upstream.requests).toHaveLength(1)
  })

  it('agrees on HTTP/1.1', async () => {
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await startSecure(upstream.url, pair)
    const tls = { ...trusting('a.test'), ALPNProtocols: ['unknown', 'http/1.1'] }
    using client = await connect(gateway.port(), { tls })

    expect(client.secure?.alpnProtocol).toBe('http/1.1')
  })

  it('tells those who speak cleartext what to do', async () => {
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await startSecure(upstream.url, pair)

    const response = await gateway.request('/')

    expect(response.status).toBe(400)
    expect(JSON.parse(response.text)).toMatchObject({
      code: 'GW_HTTP_CLEARTEXT',
      detail: expect.stringContaining('https://'),
    })
    expect(upstream.requests).toHaveLength(0)
  })

  it('closes on those who speak something else', async () => {
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await startSecure(upstream.url, pair)
    using client = await connect(gateway.port())

    await client.send('\x00\x01\x02\x03')

    expect(await client.readToEnd()).toHaveLength(0)
  })

  it('answers 421 for hosts that its certificate is not for', async () => {
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await startSecure(upstream.url, both)
    using client = await connect(gateway.port(), { tls: trusting('a.test') })

    await client.send(get('also.test') + get('x.wild.test') + get('a.test:1'))
    const statuses = [await client.readResponse(), await client.readResponse()]
    const last = await client.readResponse()

    expect(statuses.map(({ status }) => status)).toEqual([200, 421])
    expect(statuses[1]?.text).toContain('GW_HTTP_MISDIRECTED')
    expect(last.status).toBe(200)
    expect(upstream.requests).toHaveLength(2)
  })

  it('takes any host from clients that name no server', async () => {
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await startSecure(upstream.url, both)
    const tls = { ca: ca.cert, rejectUnauthorized: false }
    using client = await connect(gateway.port(), { tls })

    await client.send(get('other.test'))

    expect((await client.readResponse()).status).toBe(200)
  })
})

describe('an HTTP entrypoint without TLS', () => {
  it('tells those who speak it', async () => {
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await startGateway(configFor(upstream.url))
    using client = await connect(gateway.port())

    await client.send(Buffer.from([0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]))
    const response = await client.readResponse()

    expect(response.status).toBe(400)
    expect(response.text).toContain('GW_HTTP1_UNEXPECTED_TLS')
    expect(gateway.logs.find({ code: 'GW_HTTP1_UNEXPECTED_TLS' })).toHaveLength(1)
  })
})

describe('a reload of an entrypoint with TLS', () => {
  it('has new connections see the new certificate, and old ones live on', async () => {
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await startSecure(upstream.url, pair)
    using before = await connect(gateway.port(), { tls: trusting('a.test') })
    const { port } = gateway
    const bound = port()

    await gateway.reload(
      configFor(upstream.url, {
        entrypoint: { tls: { cert_file: 'wild.crt', key_file: 'wild.key' } },
      }),
    )
    using after = await connect(port(), { tls: trusting('x.wild.test') })
    await before.send(get('a.test'))
    await after.send(get('x.wild.test'))

    expect(port()).toBe(bound)
    expect((await before.readResponse()).status).toBe(200)
    expect((await after.readResponse()).status).toBe(200)
  })

  it('is refused if a file is missing, and nothing is lost', async () => {
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await startSecure(upstream.url, pair)
    const broken = { entrypoint: { tls: { ...pair, key_file: 'missing.key' } } }

    const reloaded = gateway.reload(configFor(upstream.url, broken))

    await expect(reloaded).rejects.toMatchObject({
      problems: [
        {
          path: ['entrypoints', 'web', 'tls', 'key_file'],
          message: expect.stringContaining('missing.key": there is no such file'),
        },
      ],
    })
    using client = await connect(gateway.port(), { tls: trusting('a.test') })
    await client.send(get('a.test'))
    expect((await client.readResponse()).status).toBe(200)
  })

  it('goes on with the certificate of before while its file is broken', async () => {
    await using own = await certificateFiles({
      a: await testCertificate({ names: ['a.test'], ca }),
    })
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await startSecure(upstream.url, pair, own.folder)
    await own.write('a', { key: 'broken' })

    const entrypoint = { tls: pair, http: { max_headers: 50 } }
    await gateway.reload(configFor(upstream.url, { entrypoint }))
    using client = await connect(gateway.port(), { tls: trusting('a.test') })
    await client.send(get('a.test'))

    expect((await client.readResponse()).status).toBe(200)
  })

  it('lets go of the files of before', async () => {
    await using own = await certificateFiles({ a: await named('a.test'), b: await named('b.test') })
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await startSecure(upstream.url, pair, own.folder)
    const tls = { cert_file: 'b.crt', key_file: 'b.key' }

    await gateway.reload(configFor(upstream.url, { entrypoint: { tls } }))
    await own.write('a', { key: 'nobody needs it' })
    await own.write('b', await named('c.test'))
    await vi.waitFor(async () => {
      using after = await connect(gateway.port(), { tls: trusting('c.test') })
      expect(after.secure?.authorized).toBe(true)
    }, 5000)

    expect(gateway.logs.find({ level: 'warn' })).toEqual([])
  })

  it('may begin and end TLS', async () => {
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await startGateway(configFor(upstream.url), { baseDir: files.folder })
    using before = await connect(gateway.port())

    await gateway.reload(configFor(upstream.url, { entrypoint: { tls: pair } }))
    using secure = await connect(gateway.port(), { tls: trusting('a.test') })
    await gateway.reload(configFor(upstream.url))
    for (const client of [before, secure]) await client.send(get('a.test'))

    expect((await before.readResponse()).status).toBe(200)
    expect((await secure.readResponse()).status).toBe(200)
    expect((await gateway.request('/')).status).toBe(200)
  })

  it('is not needed when a file is replaced', async () => {
    await using own = await certificateFiles({
      a: await testCertificate({ names: ['old.test'], ca }),
    })
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await startSecure(upstream.url, pair, own.folder)
    using before = await connect(gateway.port(), { tls: trusting('old.test') })

    await own.write('a', await testCertificate({ names: ['new.test'], ca }))
    await vi.waitFor(async () => {
      using after = await connect(gateway.port(), { tls: trusting('new.test') })
      expect(after.secure?.authorized).toBe(true)
    }, 5000)
    await before.send(get('old.test'))

    expect((await before.readResponse()).status).toBe(200)
  })
})

describe('a handshake', () => {
  it('that does not begin ends with the time for it', async () => {
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await startSecure(upstream.url, { ...pair, handshake_timeout: '100ms' })
    using silent = await connect(gateway.port())
    using slow = await connect(gateway.port())
    await slow.send(Buffer.from([0x16, 3, 1, 2, 0, 1]))

    expect(await silent.readToEnd()).toHaveLength(0)
    expect(await slow.readToEnd()).toHaveLength(0)
  })

  it('counts as a connection', async () => {
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    const entrypoint = { tls: pair, max_connections: 1 }
    await using gateway = await startGateway(configFor(upstream.url, { entrypoint }), {
      baseDir: files.folder,
    })
    using first = await connect(gateway.port())
    await first.send(Buffer.from([0x16, 3, 1, 2, 0, 1]))
    using second = await connect(gateway.port())

    expect(await second.readToEnd()).toHaveLength(0)
    first.reset()
    await vi.waitFor(async () => {
      using third = await connect(gateway.port(), { tls: trusting('a.test') })
      expect(third.secure?.authorized).toBe(true)
    })
  })

  it('is one too many above max_handshakes', async () => {
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await startSecure(upstream.url, { ...pair, max_handshakes: 1 })
    using first = await connect(gateway.port())
    await first.send(Buffer.from([0x16, 3, 1, 2, 0, 1]))
    using second = await connect(gateway.port())

    expect(await second.readToEnd()).toHaveLength(0)
  })

  it('is cut when the gateway stops', async () => {
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    const gateway = await startSecure(upstream.url, pair)
    using client = await connect(gateway.port())
    await client.send(Buffer.from([0x16, 3, 1, 2, 0, 1]))

    await gateway.close()

    expect(await client.closed()).toMatch(/end|reset/)
  })

  it('of a thousand clients leaves nothing behind', async () => {
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await startSecure(upstream.url, pair)

    for (let round = 0; round < 100; round++) {
      await Promise.all(
        Array.from({ length: 10 }, async (_, i) => {
          using client = await connect(gateway.port(), { tls: trusting('a.test') })
          if (i % 2 === 0) return
          await client.send(get('a.test'))
          expect((await client.readResponse()).status).toBe(200)
        }),
      )
    }

    // What is left over makes the end of the gateway fail.
    expect(upstream.requests).toHaveLength(500)
  }, 60_000)
})

function named(name: string): Promise<TestCertificate> {
  return testCertificate({ names: [name], ca })
}

function trusting(servername: string): ConnectionOptions {
  return { ca: ca.cert, servername }
}

function startSecure(
  url: string,
  tls: Readonly<Record<string, unknown>>,
  baseDir = files.folder,
): Promise<TestGateway> {
  return startGateway(configFor(url, { entrypoint: { tls } }), { baseDir })
}

function curl(...args: readonly string[]): Promise<{ readonly stdout: string }> {
  return run('curl', ['--silent', '--show-error', '--max-time', '20', ...args])
}
