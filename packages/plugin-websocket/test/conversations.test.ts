import { once } from 'node:events'
import { poolFile, startGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { speak, startTalker, textOf } from './talk.ts'

describe('a conversation', () => {
  it('carries text and bytes of all sizes, both ways', async () => {
    await using talker = await startTalker()
    await using gateway = await startGateway(poolFile([talker.url]))
    using speaker = await speak(gateway)
    const sizes = [0, 1, 125, 126, 65_535, 65_536, 100 * 1024, 3 * 1024 * 1024]

    for (const size of sizes) {
      const bytes = Buffer.alloc(size, 'a message to be said back')
      speaker.socket.send(bytes)
      expect((await speaker.hear()).equals(bytes)).toBe(true)
    }
    speaker.socket.send('grüße')

    expect(await speaker.hearText()).toBe('grüße')
  })

  it('has the subprotocol that the server chose', async () => {
    await using talker = await startTalker(undefined, { handleProtocols: () => 'chat.v2' })
    await using gateway = await startGateway(poolFile([talker.url]))

    using speaker = await speak(gateway, { protocols: ['chat.v1', 'chat.v2'] })

    expect(speaker.socket.protocol).toBe('chat.v2')
    expect(talker.asked[0]?.headers['sec-websocket-protocol']).toBe('chat.v1,chat.v2')
  })

  it('is compressed if its two ends agree to that', async () => {
    await using talker = await startTalker(undefined, { perMessageDeflate: { threshold: 0 } })
    await using gateway = await startGateway(poolFile([talker.url]))
    using speaker = await speak(gateway, { perMessageDeflate: { threshold: 0 } })
    const text = 'the same again and again '.repeat(1000)

    speaker.socket.send(text)

    expect(await speaker.hearText()).toBe(text)
    expect(speaker.socket.extensions).toBe('permessage-deflate')
  })

  it('sends the path, the query, cookies and whatever else the client says', async () => {
    await using talker = await startTalker()
    await using gateway = await startGateway(poolFile([`${talker.url}/base/`]))
    const headers = { Cookie: 'a=b', Origin: 'https://chat.example', 'X-Mine': '1' }

    using speaker = await speak(gateway, { path: '/room?id=7&x=%2F', headers })

    expect(speaker.socket.readyState).toBe(1)
    expect(talker.asked[0]?.url).toBe('/base/room?id=7&x=%2F')
    expect(talker.asked[0]?.headers).toMatchObject({
      cookie: 'a=b',
      origin: 'https://chat.example',
      'x-mine': '1',
    })
  })

  it('loses nothing that either side says at once', async () => {
    await using talker = await startTalker((socket) => {
      socket.send('welcome')
      socket.on('message', (data) => socket.send(`heard ${textOf(data)}`))
    })
    await using gateway = await startGateway(poolFile([talker.url]))
    using client = await gateway.connect()

    // A frame with the text "hi", masked with zeros, right behind the handshake.
    const frame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])
    await client.send(Buffer.concat([Buffer.from(handshake), frame]))

    expect((await client.readResponse()).status).toBe(101)
    expect(String((await client.readBytes(9)).subarray(2))).toBe('welcome')
    expect(String((await client.readBytes(10)).subarray(2))).toBe('heard hi')
  })

  it('passes pings and pongs', async () => {
    const { promise: pinged, resolve } = Promise.withResolvers<string>()
    await using talker = await startTalker((socket) =>
      socket.on('ping', (data) => resolve(String(data))),
    )
    await using gateway = await startGateway(poolFile([talker.url]))
    using speaker = await speak(gateway)

    speaker.socket.ping('are you there?')

    expect(await pinged).toBe('are you there?')
    const [pong] = await once(speaker.socket, 'pong')
    expect(String(pong)).toBe('are you there?')
  })
})

describe('the end of a conversation', () => {
  it('has the code and the reason of the client', async () => {
    const ended = Promise.withResolvers<unknown[]>()
    await using talker = await startTalker((socket) =>
      socket.on('close', (code, reason) => ended.resolve([code, String(reason)])),
    )
    await using gateway = await startGateway(poolFile([talker.url]))
    using speaker = await speak(gateway)

    speaker.socket.close(4001, 'bye')

    expect(await ended.promise).toEqual([4001, 'bye'])
    expect(await speaker.ended).toEqual({ code: 4001, reason: 'bye' })
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })

  it('has the code and the reason of the server', async () => {
    await using talker = await startTalker((socket) => socket.close(4002, 'no more'))
    await using gateway = await startGateway(poolFile([talker.url]))
    using speaker = await speak(gateway)

    expect(await speaker.ended).toEqual({ code: 4002, reason: 'no more' })
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })

  it('reaches the server when the client is gone, and the client when the server is', async () => {
    const ended: number[] = []
    const kept: WebSocket[] = []
    await using talker = await startTalker((socket) => {
      kept.push(socket)
      socket.on('close', (code) => ended.push(code))
    })
    await using gateway = await startGateway(poolFile([talker.url]))
    using one = await speak(gateway)
    using other = await speak(gateway)

    one.socket.terminate()
    await vi.waitFor(() => expect(ended).toEqual([1006]))
    kept[1]?.terminate()

    expect((await other.ended).code).toBe(1006)
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })
})

describe('a reader that is slow', () => {
  it.each(['client', 'server'] as const)('at the %s makes the other side wait', async (slow) => {
    const server = Promise.withResolvers<WebSocket>()
    await using talker = await startTalker((socket) => server.resolve(socket))
    await using gateway = await startGateway(poolFile([talker.url]))
    using speaker = await speak(gateway)
    const sockets = { client: speaker.socket, server: await server.promise }
    const fast = slow === 'client' ? sockets.server : sockets.client
    const piece = Buffer.alloc(1024 * 1024)

    sockets[slow].pause()
    for (let i = 0; i < 64; i++) fast.send(piece)
    await settled(() => fast.bufferedAmount)
    const waiting = fast.bufferedAmount
    let heard = 0
    sockets[slow].on('message', () => heard++)
    sockets[slow].resume()
    await vi.waitFor(() => expect(heard).toBe(64), { timeout: 20_000 })

    // The rest is in the buffers of the system, for both connections.
    expect(waiting).toBeGreaterThan(32 * 1024 * 1024)
  })
})

const handshake =
  'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

/** Resolves once a number has stopped changing. */
async function settled(value: () => number): Promise<void> {
  let last = -1
  const stands = (): void => {
    const now = value()
    const changed = now !== last
    last = now
    expect(changed).toBe(false)
  }
  await vi.waitFor(stands, { interval: 200, timeout: 20_000 })
}
