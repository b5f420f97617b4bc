import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer as createHttps } from 'node:https'
import { connect as connectTcp, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createServer as createTls, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { connect, startGateway, type TestGateway } from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

const run = promisify(execFile)
const here = import.meta.dirname

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatewright-example-'))
  await copyFile(join(here, 'certificates.sh'), join(folder, 'certificates.sh'))
  await run(join(folder, 'certificates.sh'))
})

afterAll(() => rm(folder, { recursive: true }))

describe('the example of TLS to servers', () => {
  it('asks the shop with its certificate, for requests and for health', async () => {
    await using shop = await startShop()
    await using gateway = await start({ SHOP: `https://127.0.0.1:${shop.port}` })

    const response = await gateway.request('/cart')

    expect(response.text).toBe('/cart for gateway')
    await vi.waitFor(() => expect(shop.asked).toContain('/health for gateway'))
  })

  it('encrypts what it passes on to the broker', async () => {
    await using broker = await startBroker()
    await using gateway = await start({ BROKER: `tls://localhost:${broker.port}` })
    const client = connectTcp(gateway.port('mqtt'), '127.0.0.1')

    client.end('connect')

    expect(await text(client)).toBe('connect')
  })

  it('passes TLS on as it is', async () => {
    await using shop = await startShop()
    await using gateway = await start({ SHOP_AS_IT_IS: `tcp://127.0.0.1:${shop.port}` })
    const own = { cert: await certificate('gateway.crt'), key: await certificate('gateway.key') }
    const tls = { ...own, ca: await certificate('ca.crt'), servername: 'shop.internal' }
    using client = await connect(gateway.port('passed-on'), { tls })

    await client.send('GET /cart HTTP/1.1\r\nHost: shop.internal\r\n\r\n')

    expect((await client.readResponse()).text).toBe('/cart for gateway')
  })

  it('believes a server with a new certificate once the files are replaced', async () => {
    const old = await startShop()
    await using gateway = await start({ SHOP: `https://127.0.0.1:${old.port}` })
    expect((await gateway.request('/')).status).toBe(200)
    await old[Symbol.asyncDispose]()

    await run(join(folder, 'certificates.sh'))
    await using _ = await startShop(old.port)

    await vi.waitFor(async () => expect((await gateway.request('/')).status).toBe(200), 20_000)
  })
})

/** Demands a certificate, and says whose it was. */
async function startShop(port = 0) {
  const asked: string[] = []
  const files = { cert: await certificate('shop.crt'), key: await certificate('shop.key') }
  const demanding = { requestCert: true, ca: await certificate('ca.crt') }
  const server = createHttps({ ...files, ...demanding }, (request, response) => {
    // Every connection of the server is one over TLS.
    const { subject } = (request.socket as TLSSocket).getPeerCertificate()
    asked.push(`${request.url} for ${String(subject.CN)}`)
    response.end(asked.at(-1))
  })
  return { asked, ...(await listen(server, port)) }
}

async function startBroker() {
  const files = { cert: await certificate('broker.crt'), key: await certificate('broker.key') }
  const server = createTls(files, (socket) => {
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  return listen(server, 0)
}

async function listen(server: Server, wanted: number) {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => open.add(socket))
  server.listen(wanted, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of open) socket.destroy()
    await closed
  }
  return { port, [Symbol.asyncDispose]: stop }
}

function certificate(name: string): Promise<string> {
  return readFile(join(folder, 'certs', name), 'utf8')
}

async function start(env: Readonly<Record<string, string>>): Promise<TestGateway> {
  const file = await readFile(join(here, 'gateway.hcl'), 'utf8')
  const names = ['WEB_ADDRESS', 'MQTT_ADDRESS', 'PASSED_ON_ADDRESS']
  const addresses = Object.fromEntries(names.map((name) => [name, '127.0.0.1:0']))
  return startGateway(file, { baseDir: folder, env: { ...addresses, ...env } })
}
