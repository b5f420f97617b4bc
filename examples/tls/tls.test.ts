import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
import { connect, reply, startGateway, startUpstream, type TestGateway } from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

const run = promisify(execFile)
const here = import.meta.dirname

let folder: string
let ca: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatewright-example-'))
  await copyFile(join(here, 'certificates.sh'), join(folder, 'certificates.sh'))
  await run(join(folder, 'certificates.sh'))
  ca = await certificate('ca.crt')
})

afterAll(() => rm(folder, { recursive: true }))

describe('the TLS example', () => {
  it('sends clients without TLS to where it is', async () => {
    await using gateway = await start({})

    const response = await gateway.request('/a?b', { headers: { host: 'shop.example.com:8080' } })

    expect(response.status).toBe(308)
    expect(response.headers['location']).toBe('https://shop.example.com:8443/a?b')
  })

  it.each([
    ['shop.example.com', 'Shop'],
    ['www.example.com', 'Example sites'],
  ])('shows clients of %s the certificate of %s', async (servername, name) => {
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await start({ SITES: upstream.url })
    using client = await connect(gateway.port('secure'), { tls: { ca, servername } })

    await client.send(`GET / HTTP/1.1\r\nHost: ${servername}\r\n\r\n`)

    expect((await client.readResponse()).text).toBe('hello')
    expect(client.secure?.getPeerCertificate().subject.CN).toBe(name)
  })

  it('shows new certificates once there are some', async () => {
    await using gateway = await start({})
    const tls = { ca, servername: 'shop.example.com', rejectUnauthorized: false }
    using before = await connect(gateway.port('secure'), { tls })
    const { serialNumber } = before.secure?.getPeerCertificate() ?? {}

    await run(join(folder, 'certificates.sh'))
    ca = await certificate('ca.crt')

    await vi.waitFor(async () => {
      using after = await connect(gateway.port('secure'), { tls })
      expect(after.secure?.getPeerCertificate().serialNumber).not.toBe(serialNumber)
    }, 5000)
  })
})

describe('the other ports of the TLS example', () => {
  it('lets partners in, tells the server which one it was, and lets in nobody else', async () => {
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await start({ SITES: upstream.url })
    const alice = { cert: await certificate('alice.crt'), key: await certificate('alice.key') }
    const ask = async (shown: object): Promise<string> => {
      const tls = { ca, servername: 'www.example.com', ...shown }
      using client = await connect(gateway.port('partners'), { tls })
      await client.send('GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n')
      return (await client.readResponse()).text
    }

    expect(await ask(alice)).toBe('hello')
    expect(upstream.requests[0]?.headers['x-forwarded-client-cert']).toContain('Subject="CN=alice"')
    await expect(ask({})).rejects.toThrow(/alert|ended|reset/i)
  })

  it('decrypts what is no HTTP', async () => {
    await using upstream = await startUpstream(reply(200, [], 'hello'))
    await using gateway = await start({ MQTT: upstream.url.replace('http:', 'tcp:') })
    const port = gateway.port('mqtts')

    const client = connectTls({ host: '127.0.0.1', port, ca, servername: 'www.example.com' })
    client.end('GET / HTTP/1.1\r\nHost: mqtt\r\n\r\n')
    const [bytes]: Buffer[] = await once(client, 'data')

    expect(String(bytes)).toMatch(/^HTTP\/1.1 200/)
    client.destroy()
  })
})

function certificate(name: string): Promise<string> {
  return readFile(join(folder, 'certs', name), 'utf8')
}

async function start(env: Readonly<Record<string, string>>): Promise<TestGateway> {
  const file = await readFile(join(here, 'gateway.hcl'), 'utf8')
  const names = ['WEB_ADDRESS', 'SECURE_ADDRESS', 'PARTNERS_ADDRESS', 'MQTTS_ADDRESS']
  const addresses = Object.fromEntries(names.map((name) => [name, '127.0.0.1:0']))
  return startGateway(file, { baseDir: folder, env: { ...addresses, ...env } })
}
