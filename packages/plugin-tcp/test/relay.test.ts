import { once } from 'node:events'
import type { GatewayConfigInput } from '@gatewright/kernel'
import { startGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { configFor, dial, echo, readBytes, receive, startServer } from './servers.ts'

describe('a connection', () => {
  it('reaches the server and brings back what that says', async () => {
    await using server = await startServer()
    await using gateway = await startGateway(configFor([server.url]))

    const client = await dial(gateway.port())
    const received = receive(client)
    client.end('hello')

    expect(await received).toEqual({ text: 'hello', bytes: 5, ending: 'end' })
  })

  it('may begin with words of the server', async () => {
    await using server = await startServer((socket) => {
      socket.write('220 ready\r\n')
      echo(socket)
    })
    await using gateway = await startGateway(configFor([server.url]))

    const client = await dial(gateway.port())

    expect(await readBytes(client, 11)).toBe('220 ready\r\n')
    client.destroy()
  })

  it('lets the server go on after the client has sent its last byte', async () => {
    await using server = await startServer((socket) => {
      socket.on('end', () => {
        socket.write('first, ')
        setImmediate(() => socket.end('then the rest'))
      })
      socket.resume()
    })
    await using gateway = await startGateway(configFor([server.url]))

    const client = await dial(gateway.port())
    const received = receive(client)
    client.end('question')

    expect(await received).toMatchObject({ text: 'first, then the rest', ending: 'end' })
  })

  it('lets the client go on after the server has sent its last byte', async () => {
    await using server = await startServer((socket) => void socket.end('bye'))
    await using gateway = await startGateway(configFor([server.url]))

    const client = await dial(gateway.port())
    await receive(client)
    const atServer = receive(await server.next())
    client.write('one more ')
    client.end('word')

    expect(await atServer).toMatchObject({ text: 'one more word', ending: 'end' })
  })

  it('carries 32 MiB each way at once to sides that read slowly', async () => {
    const size = 32 * 1024 * 1024
    await using server = await startServer((socket) => void socket.end(Buffer.alloc(size, 'x')))
    await using gateway = await startGateway(configFor([server.url]))

    const client = await dial(gateway.port())
    client.end(Buffer.alloc(size, 'y'))
    const [atClient, atServer] = await Promise.all([
      receive(client),
      server.next().then((socket) => receive(socket)),
    ])

    expect(atClient).toMatchObject({ bytes: size, ending: 'end' })
    expect(atServer).toMatchObject({ bytes: size, ending: 'end' })
  })

  it('holds a server back whose client does not read', async () => {
    let written = 0
    await using server = await startServer((socket) => {
      const chunk = Buffer.alloc(65_536)
      const fill = (): void => {
        do written += chunk.length
        while (socket.write(chunk))
      }
      socket.on('drain', fill)
      fill()
    })
    await using other = await startServer()
    await using gateway = await startGateway(twoEntrypoints(server.url, other.url))
    const client = await dial(gateway.port('tcp'))
    client.pause()
    const socket = await server.next()

    // Long enough for all that would come: each of these takes its turn behind it.
    for (let i = 0; i < 200; i++) {
      const echoed = await dial(gateway.port('other'))
      echoed.end('x')
      await receive(echoed)
    }

    expect(socket.writableNeedDrain).toBe(true)
    expect(written).toBeLessThan(32 * 1024 * 1024)
    const atServer = receive(socket)
    client.resetAndDestroy()
    await atServer
  })
})

describe('a side that breaks off', () => {
  it('is told to the server, which must not take it for the end', async () => {
    await using server = await startServer()
    await using gateway = await startGateway(configFor([server.url]))
    const client = await dial(gateway.port())
    client.write('half')
    const socket = await server.next()
    const atServer = receive(socket)
    await once(client, 'data')

    client.resetAndDestroy()

    expect(await atServer).toMatchObject({ text: 'half', ending: 'ECONNRESET' })
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })

  it('is told to the client', async () => {
    await using server = await startServer()
    await using gateway = await startGateway(configFor([server.url]))
    const client = await dial(gateway.port())
    const received = receive(client)
    client.write('half')
    const socket = await server.next()
    await once(client, 'data')

    socket.resetAndDestroy()

    expect(await received).toMatchObject({ text: 'half', ending: 'ECONNRESET' })
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })
})

function twoEntrypoints(first: string, second: string): GatewayConfigInput {
  const listening = { protocol: 'tcp', address: '127.0.0.1:0' }
  return configFor([], {
    rest: {
      entrypoints: { tcp: listening, other: listening },
      routers: {
        all: { rule: 'HostSNI(`*`)', service: 'app', entrypoints: ['tcp'] },
        other: { rule: 'HostSNI(`*`)', service: 'other', entrypoints: ['other'] },
      },
      services: {
        app: { load_balancer: { servers: [{ url: first }] } },
        other: { load_balancer: { servers: [{ url: second }] } },
      },
    },
  })
}
