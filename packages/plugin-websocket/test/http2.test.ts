import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import { poolFile, startGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { startTalker } from './talk.ts'

const ask = {
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':scheme': 'http',
  ':path': '/chat?room=1',
  'sec-websocket-version': '13',
  'sec-websocket-protocol': 'chat',
}

describe('a conversation over HTTP/2 (RFC 8441)', () => {
  it('reaches a server of HTTP/1.1 as a handshake of its own, and goes both ways', async () => {
    await using server = await startTalker()
    await using gateway = await startGateway(poolFile([server.url]))
    using client = await open(gateway.url())
    const stream = client.session.request(ask)

    const [headers] = await once(stream, 'response')
    stream.write(message('hello'))
    const heard = await bytesOf(stream, 7)
    stream.end(closing)
    await once(stream, 'close')

    expect(headers).toMatchObject({ ':status': 200, 'sec-websocket-protocol': 'chat' })
    expect(headers).not.toHaveProperty('sec-websocket-accept')
    expect(String(heard.subarray(2))).toBe('hello')
    expect(stream.rstCode).toBe(0)
    const [request] = server.asked
    expect([request?.method, request?.url]).toEqual(['GET', '/chat?room=1'])
    expect(request?.headers['sec-websocket-key']).toMatch(/^[A-Za-z\d+/]{22}==$/)
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })

  it('ends for the server when the client resets the stream', async () => {
    await using server = await startTalker()
    await using gateway = await startGateway(poolFile([server.url]))
    using client = await open(gateway.url())
    const stream = client.session.request(ask)
    await once(stream, 'response')

    stream.close(8)

    await vi.waitFor(() => expect(server.open.size).toBe(0))
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })

  it('ends for the client when it ends for the server', async () => {
    await using server = await startTalker((socket) => socket.terminate())
    await using gateway = await startGateway(poolFile([server.url]))
    using client = await open(gateway.url())
    const stream = client.session.request(ask)
    stream
      .on('error', () => undefined)
      .on('end', () => stream.end())
      .resume()

    await once(stream, 'close')

    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })

  it('is one of many on the same connection', async () => {
    await using server = await startTalker()
    await using gateway = await startGateway(poolFile([server.url]))
    using client = await open(gateway.url())
    const streams = Array.from({ length: 20 }, () => client.session.request(ask))

    const heard = await Promise.all(
      streams.map(async (stream, i) => {
        stream.write(message(`message ${i % 10}`))
        return String((await bytesOf(stream, 11)).subarray(2))
      }),
    )

    expect(heard).toEqual(streams.map((_, i) => `message ${i % 10}`))
    expect(server.open.size).toBe(20)
  })

  it('is refused with what is wrong', async () => {
    await using server = await startTalker()
    await using gateway = await startGateway(poolFile([server.url]))
    using client = await open(gateway.url())
    const stream = client.session.request({ ...ask, 'sec-websocket-version': '12' })

    const [headers] = await once(stream, 'response')

    expect(headers).toMatchObject({ ':status': 400, 'sec-websocket-version': '13' })
    expect(server.asked).toEqual([])
  })
})

/** A client that knows that it may switch. */
async function open(url: string): Promise<Disposable & { readonly session: ClientHttp2Session }> {
  const session = connect(url)
  session.on('error', () => undefined)
  await vi.waitFor(() => expect(session.remoteSettings.enableConnectProtocol).toBe(true))
  return { session, [Symbol.dispose]: () => session.destroy() }
}

/** A text frame with a mask of zeros (RFC 6455 section 5.2). */
function message(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 + text.length, 0, 0, 0, 0]), Buffer.from(text)])
}

/** A close frame with status 1000. */
const closing = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8])

async function bytesOf(stream: ClientHttp2Stream, length: number): Promise<Buffer> {
  let heard = Buffer.alloc(0)
  while (heard.length < length) {
    const [bytes] = await once(stream, 'data')
    heard = Buffer.concat([heard, bytes])
  }
  return heard
}
