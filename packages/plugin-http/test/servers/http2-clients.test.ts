import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import {
  type CertificateFiles,
  certificateFiles,
  chunked,
  reply,
  startGateway,
  startUpstream,
  type TestGateway,
  testCertificate,
  type Upstream,
} from '@gatewright/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { configFor } from '../behind.ts'

const execute = promisify(execFile)
const large = 'x'.repeat(3_000_000)

let files: CertificateFiles
let upstream: Upstream

beforeAll(async () => {
  const ca = await testCertificate({ commonName: 'Test CA', isAuthority: true })
  files = await certificateFiles({ ca, a: await testCertificate({ names: ['a.test'], ca }) })
})

afterAll(() => files[Symbol.asyncDispose]())

beforeEach(async () => {
  upstream = await startUpstream(({ target, text }) => {
    if (target === '/large') return reply(200, {}, large)
    if (target === '/trailers') return chunked(200, {}, ['a', 'b'], { 'x-sum': '2' })
    return reply(200, {}, text === '' ? 'hello' : text)
  })
})

afterEach(() => upstream[Symbol.asyncDispose]())

describe.each([
  ['cleartext', false],
  ['TLS', true],
])('over HTTP/2 in %s', (_what, secure) => {
  it('curl gets and sends as it does over HTTP/1.1', async () => {
    await using gateway = await start(secure)
    const wanted = secure ? '--http2' : '--http2-prior-knowledge'
    const url = `${secure ? 'https' : 'http'}://a.test:${gateway.port()}`
    const told = [wanted, '-w', ' %{http_version} %{http_code} %{size_download}']

    const first = await curl(gateway, ...told, `${url}/`)
    const download = await curl(gateway, ...told, '-o', '/dev/null', `${url}/large`)
    const upload = await curl(gateway, ...told, '--data-binary', 'y'.repeat(100_000), url)
    const head = await curl(gateway, '--head', wanted, url)

    expect(first).toBe('hello 2 200 5')
    expect(download).toBe(' 2 200 3000000')
    expect(upload.endsWith(' 2 200 100000')).toBe(true)
    expect(head).toMatch(/^HTTP\/2 200 \r\ncontent-length: 5\r\n/)
  })

  it('nghttp gets many things at once, and trailers', async () => {
    await using gateway = await start(secure)
    const url = `${secure ? 'https' : 'http'}://127.0.0.1:${gateway.port()}`
    const paths = Array.from({ length: 20 }, (_, i) => `${url}/${i}`)

    const many = await run('nghttp', '--stat', '--null-out', ...paths)
    const trailers = await run('nghttp', '--verbose', '--no-push', `${url}/trailers`)

    expect(many.match(/ 200 /g)).toHaveLength(20)
    expect(trailers).toContain('x-sum: 2')
  })

  it('h2load finds no request that fails', async () => {
    await using gateway = await start(secure)
    const url = `${secure ? 'https' : 'http'}://127.0.0.1:${gateway.port()}/`

    const text = await run('h2load', '-n', '2000', '-c', '5', '-m', '20', url)

    expect(text).toContain(secure ? 'Application protocol: h2\n' : 'Application protocol: h2c\n')
    expect(text).toContain('2000 succeeded, 0 failed, 0 errored, 0 timeout')
    expect(text).toContain('2000 2xx')
  })
})

it('a client that asks to switch to HTTP/2 is served as if it had not', async () => {
  await using gateway = await start(false)

  const text = await curl(gateway, '--http2', '-w', ' %{http_version}', gateway.url())

  expect(text).toBe('hello 1.1')
})

function start(secure: boolean): Promise<TestGateway> {
  const tls = { cert_file: 'a.crt', key_file: 'a.key' }
  const entrypoint = secure ? { tls } : {}
  return startGateway(configFor(upstream.url, { entrypoint }), { baseDir: files.folder })
}

function curl({ port }: TestGateway, ...args: readonly string[]): Promise<string> {
  const resolve = `a.test:${port()}:127.0.0.1`
  const trust = ['--cacert', `${files.folder}/ca.crt`, '--resolve', resolve]
  return run('curl', '--silent', '--show-error', '--max-time', '20', ...trust, ...args)
}

async function run(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execute(program, args, { timeout: 30_000, maxBuffer: 2 ** 26 })
  return stdout
}
