import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { definePlugin } from '@gatewright/kernel'
import { poolFile, startGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import type { ConversationEnd } from '../../src/index.ts'
import { acceptOf, watchMessages } from '../../src/index.ts'
import { closeFrame, frameOf, Opcode } from '../../src/messages/frame.ts'
import { refused, Speaker, speak, startTalker } from '../talk.ts'
import { understood } from './direction.ts'
import { startWatched, watcherPlugin } from './watched.ts'

describe('a conversation over HTTP/2 that is watched', () => {
  it('ends with a close frame for both', async () => {
    const ended = Promise.withResolvers<Speaker>()
    await using talker = await startTalker((socket) => ended.resolve(new Speaker(socket)))
    await using gateway = await startWatched(talker.url, {
      from: 'client',
      maxBytes: 5,
      open: () => ({}),
    })
    const session = connect(gateway.url())
    await once(session, 'remoteSettings')
    const stream = session.request({
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':path': '/chat',
      'sec-websocket-version': '13',
    })
    await once(stream, 'response')

    for (const said of ['hello', 'hello!']) {
      stream.write(frameOf({ opcode: Opcode.text, payload: Buffer.from(said), masked: true }))
    }
    const server = await ended.promise

    expect(await server.hearText()).toBe('hello')
    expect(await server.ended).toEqual({ code: 1009, reason: 'message too big' })
    expect(await buffer(stream)).toEqual(closeFrame(1009, 'message too big', false))
    stream.end()
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
    session.close()
  })
})

describe('a conversation with a server of HTTP/2 that is watched', () => {
  it('ends with a close frame for both', async () => {
    const received = Promise.withResolvers<Buffer>()
    const server = createHttp2Server({ settings: { enableConnectProtocol: true } })
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200 }, { endStream: false })
      stream.on('error', received.reject)
      buffer(stream).then(received.resolve, received.reject)
      stream.on('end', () => stream.end())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    // Bound to a TCP port, so it has an AddressInfo.
    const { port } = server.address() as AddressInfo
    await using gateway = await startWatched(`h2c://127.0.0.1:${port}`, {
      maxBytes: 5,
      open: () => ({}),
    })
    using speaker = await speak(gateway)

    for (const said of ['hello', 'hello!']) speaker.socket.send(said)

    expect(await speaker.ended).toEqual({ code: 1009, reason: 'message too big' })
    const heard = understood(await received.promise, 'client')
    expect(heard).toEqual({
      messages: ['false hello', 'close 1009 message too big'],
      error: undefined,
    })
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
    await gateway.close()
    server.close()
  })
})

describe('a conversation with a multiplexer that is watched', () => {
  it('has its messages looked at, both ways', async () => {
    const heard: string[] = []
    const plugin = watcherPlugin({
      content: true,
      open: () => ({ onMessage: ({ from, data }) => void heard.push(`${from}: ${String(data)}`) }),
    })
    const config = `
      entrypoints "web" { address = "127.0.0.1:0" }
      routers "all" {
        rule        = "PathPrefix(\`/\`)"
        service     = "chat"
        middlewares = ["tested"]
      }
      middlewares "tested" { type = "watched" }
      services "chat" {
        websocket { mux = true }
      }
    `
    await using gateway = await startGateway(config, { plugins: [plugin] })
    using speaker = await speak(gateway)

    speaker.socket.send('_ping')

    expect(await speaker.hearText()).toBe('_pong')
    expect(heard).toEqual(['client: _ping', 'server: _pong'])
  })
})

describe('all conversations of a gateway', () => {
  it('may be watched by a plugin that taps hooks', async () => {
    const plugin = definePlugin({
      name: 'calm',
      setup({ hooks, log }) {
        const filter = watchMessages(
          { dryRun: false, log },
          { maxBytes: 5, open: () => ({}), from: 'client' },
        )
        hooks.request.tap('calm', (ctx) => {
          filter.onRequest(ctx)
          return undefined
        })
        hooks.response.tap('calm', (ctx, response) => filter.onResponse(ctx, response))
      },
    })
    await using talker = await startTalker()
    await using gateway = await startGateway(poolFile([talker.url]), { plugins: [plugin] })
    using speaker = await speak(gateway)

    speaker.socket.send('hello')
    expect(await speaker.hearText()).toBe('hello')
    speaker.socket.send('hello!')

    expect(await speaker.ended).toEqual({ code: 1009, reason: 'message too big' })
  })
})

describe('a handshake of a conversation that is watched', () => {
  it('offers no extension but the one that leaves frames readable', async () => {
    await using talker = await startTalker()
    await using gateway = await startWatched(talker.url, { open: () => ({}) })
    const extensions = 'x-odd; a="b,c", permessage-deflate; client_max_window_bits, x-odder'

    const headers = { 'Sec-WebSocket-Extensions': extensions }
    using speaker = await speak(gateway, { perMessageDeflate: false, headers })

    expect(speaker.socket.extensions).toBe('')
    const { 'sec-websocket-extensions': offered } = talker.asked[0]?.headers ?? {}
    expect(offered).toBe('permessage-deflate; client_max_window_bits')
  })

  it.each([
    [false, 'x-odd'],
    [true, 'permessage-deflate'],
  ])('gets 502 if the server uses one that it was not offered', async (content, extension) => {
    await using server = await startAccepting(`Sec-WebSocket-Extensions: ${extension}\r\n`)
    await using gateway = await startWatched(server.url, { content, open: () => ({}) })

    expect((await refused(gateway)).status).toBe(502)

    expect(gateway.logs.find({ code: 'GW_WEBSOCKET_EXTENSION' })).toHaveLength(1)
  })

  it('is refused by a watcher that throws', async () => {
    await using talker = await startTalker()
    await using gateway = await startWatched(talker.url, {
      open() {
        throw new Error('boom')
      },
    })

    expect((await refused(gateway)).status).toBe(502)

    await vi.waitFor(() => expect(talker.open.size).toBe(0))
  })
})

describe('peers that do not answer a close frame', () => {
  it('are cut off after a while', async () => {
    const ends: ConversationEnd[] = []
    await using server = await startAccepting('')
    await using gateway = await startWatched(server.url, {
      open: () => ({
        onStart: () => ({ close: 1008 }),
        onEnd: (end) => void ends.push(end),
      }),
    })
    using client = await gateway.connect()
    await client.send(handshake)
    await client.readResponse()

    await client.send(frameOf({ opcode: Opcode.text, payload: Buffer.from('a'), masked: true }))

    expect(await client.readBytes(4)).toEqual(closeFrame(1008, '', false))
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0), { timeout: 20_000 })
    await vi.waitFor(
      () => {
        // Only who speaks learns that nobody is there.
        server.speak()
        expect(server.open).toBe(0)
      },
      { timeout: 20_000 },
    )
    expect(ends).toEqual([{ code: 1008, reason: '', by: 'gateway' }])
  })
})

const none = Buffer.alloc(0)

const handshake =
  'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

/** A server that accepts handshakes with these fields, and then says nothing any more. */
async function startAccepting(
  fields: string,
): Promise<AsyncDisposable & { url: string; readonly open: number; speak: () => void }> {
  const server = createServer()
  const sockets = new Set<Duplex>()
  server.on('upgrade', ({ headers }, socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    const accept = acceptOf(String(headers['sec-websocket-key']))
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n' +
        `Sec-WebSocket-Accept: ${accept}\r\n${fields}\r\n`,
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    get open() {
      return sockets.size
    },
    speak() {
      for (const socket of sockets)
        socket.write(frameOf({ opcode: 9, payload: none, masked: false }))
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
