import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { text } from 'node:stream/consumers'
import {
  deadUrl,
  gatewayFile,
  poolFile,
  reply,
  startGateway,
  startUpstream,
  type TestGateway,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { startTalker } from './talk.ts'

describe('a conversation over HTTP/2', () => {
  it('is one of HTTP/1.1 for the server, whose answer it has', async () => {
    await using talker = await startTalker(undefined, { handleProtocols: () => 'chat' })
    await using gateway = await startGateway(poolFile([talker.url]))
    await using session = await open(gateway)

    const [stream, head] = await ask(session, { 'sec-websocket-protocol': 'chat' })
    stream.write(frame('over HTTP/2'))

    expect(await said(stream)).toBe('over HTTP/2')
    expect(head).toMatchObject({ ':status': 200, 'sec-websocket-protocol': 'chat' })
    expect(head).not.toHaveProperty('sec-websocket-accept')
    expect(talker.asked[0]).toMatchObject({ method: 'GET', url: '/room', httpVersion: '1.1' })
    expect(talker.asked[0]?.headers).toMatchObject({
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': expect.stringMatching(/^[A-Za-z\d+/]{22}==$/),
    })
  })

  it('shares its connection with others, and with requests', async () => {
    await using talker = await startTalker()
    await using gateway = await startGateway(poolFile([talker.url]))
    await using session = await open(gateway)

    const streams = await Promise.all(Array.from({ length: 20 }, () => ask(session)))
    for (const [i, [stream]] of streams.entries()) stream.write(frame(`number ${i}`))
    const heard = await Promise.all(streams.map(([stream]) => said(stream)))
    const plain = session.request({ ':path': '/' })

    expect(heard).toEqual(streams.map((_, i) => `number ${i}`))
    expect(await text(plain)).toBe('GET')
  })

  it('ends with the code and the reason of the server', async () => {
    await using talker = await startTalker((socket) => socket.close(4002, 'no more'))
    await using gateway = await startGateway(poolFile([talker.url]))
    await using session = await open(gateway)

    const [stream] = await ask(session)
    const [bytes] = await once(stream, 'data')

    // A close frame of two bytes of code and the reason.
    expect(bytes).toEqual(Buffer.from([0x88, 9, 0x0f, 0xa2, ...Buffer.from('no more')]))
  })

  it('ends after silence', async () => {
    await using talker = await startTalker()
    const service = 'websocket {\n idle_timeout = "200ms"\n }'
    await using gateway = await startGateway(poolFile([talker.url], { service }))
    await using session = await open(gateway)

    const [stream] = await ask(session)
    stream.resume()

    await once(stream, 'end')
    stream.end()
    await vi.waitFor(() => expect(talker.open.size).toBe(0))
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })

  it('breaks off at the server when the client resets its stream', async () => {
    const ended = Promise.withResolvers<number>()
    await using talker = await startTalker((socket) => socket.on('close', ended.resolve))
    await using gateway = await startGateway(poolFile([talker.url]))
    await using session = await open(gateway)

    const [stream] = await ask(session)
    stream.close(8)

    expect(await ended.promise).toBe(1006)
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })
})

describe('a handshake over HTTP/2 that is refused', () => {
  it('for its version gets 400, and reaches no server', async () => {
    await using talker = await startTalker()
    await using gateway = await startGateway(poolFile([talker.url]))
    await using session = await open(gateway)

    const [, head] = await ask(session, { 'sec-websocket-version': '8' })

    expect(head).toMatchObject({ ':status': 400, 'sec-websocket-version': '13' })
    expect(talker.asked).toEqual([])
  })

  it('by a middleware gets its status', async () => {
    const middleware = 'type = "ip-allow"\n allowed_ips = ["192.0.2.1"]'
    await using gateway = await startGateway(gatewayFile('http://127.0.0.1:9', middleware))
    await using session = await open(gateway)

    expect((await ask(session))[1]).toMatchObject({ ':status': 403 })
  })

  it('by the server gets its answer', async () => {
    const answer = reply(401, { 'WWW-Authenticate': 'Basic' }, 'who are you?')
    await using upstream = await startUpstream(answer)
    await using gateway = await startGateway(poolFile([upstream.url]))
    await using session = await open(gateway)

    const [stream, head] = await ask(session)

    expect(head).toMatchObject({ ':status': 401, 'www-authenticate': 'Basic' })
    expect(await text(stream)).toBe('who are you?')
  })

  it('by nobody being there gets 502', async () => {
    await using gateway = await startGateway(poolFile([await deadUrl()]))
    await using session = await open(gateway)

    expect((await ask(session))[1]).toMatchObject({ ':status': 502 })
  })
})

/** A connection of HTTP/2 whose server has said that it takes extended CONNECT. */
async function open(gateway: TestGateway): Promise<ClientHttp2Session & AsyncDisposable> {
  const session = connect(gateway.url())
  const [settings] = await once(session, 'remoteSettings')
  expect(settings).toMatchObject({ enableConnectProtocol: true })
  return Object.assign(session, {
    async [Symbol.asyncDispose]() {
      if (session.destroyed) return
      session.destroy()
      await once(session, 'close')
    },
  })
}

/** Asks for a conversation (RFC 8441 section 5.1). */
async function ask(
  session: ClientHttp2Session,
  fields: OutgoingHttpHeaders = {},
): Promise<[ClientHttp2Stream, IncomingHttpHeaders]> {
  const stream = session.request(
    {
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':scheme': 'http',
      ':path': '/room',
      'sec-websocket-version': '13',
      ...fields,
    },
    { endStream: false },
  )
  stream.on('error', () => undefined)
  const [head] = await once(stream, 'response')
  return [stream, head]
}

/** A short message of a client, masked with zeros. */
function frame(message: string): Buffer {
  const bytes = Buffer.from(message)
  return Buffer.concat([Buffer.from([0x81, 0x80 + bytes.length, 0, 0, 0, 0]), bytes])
}

/** A short message of a server, which comes in one piece. */
async function said(stream: ClientHttp2Stream): Promise<string> {
  const [bytes] = await once(stream, 'data')
  return String(bytes.subarray(2))
}
