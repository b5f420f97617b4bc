import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { startGateway, type TestGateway } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'

const file = readFileSync(new URL('gateway.hcl', import.meta.url), 'utf8')

describe('the TCP example', () => {
  it('brings clients of Redis to a server that works', async () => {
    await using redis = await startServer((socket) => void socket.end('+PONG\r\n'))
    await using gone = await startServer(() => undefined)
    await gone.stop()
    await using gateway = await start({ REDIS_A: gone.url, REDIS_B: redis.url })

    const answers = [await ask(gateway, 'redis'), await ask(gateway, 'redis')]

    expect(answers).toEqual(['+PONG\r\n', '+PONG\r\n'])
  })

  it.each([
    ['wiki.example.com', 'WIKI', '\x16\x03'],
    ['de.wiki.example.com', 'WIKI', '\x16\x03'],
    ['shop.example.com', 'SHOP', '\r\n\r\n\0\r\nQUIT\n'],
  ])('brings TLS clients of %s to the server %s', async (servername, server, firstBytes) => {
    const { promise, resolve } = Promise.withResolvers<string>()
    await using site = await startServer((socket) => {
      socket.once('data', (bytes) => {
        resolve(bytes.toString('latin1'))
        socket.destroy()
      })
    })
    await using gateway = await start({ [server]: site.url })

    const client = connectTls({ host: '127.0.0.1', port: gateway.port('tls'), servername })
    client.on('error', () => undefined)

    expect((await promise).startsWith(firstBytes)).toBe(true)
    client.destroy()
  })
})

interface Server extends AsyncDisposable {
  readonly url: string
  stop(): Promise<void>
}

async function startServer(onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    if (!server.listening) return
    server.close()
    await once(server, 'close')
  }
  return { url: `tcp://127.0.0.1:${port}`, stop, [Symbol.asyncDispose]: stop }
}

function start(env: Readonly<Record<string, string>>): Promise<TestGateway> {
  const addresses = { REDIS_ADDRESS: '127.0.0.1:0', TLS_ADDRESS: '127.0.0.1:0' }
  return startGateway(file, { env: { ...addresses, ...env } })
}

async function ask(gateway: TestGateway, entrypoint: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: gateway.port(entrypoint) })
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}
