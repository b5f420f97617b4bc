import { connect } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { startBehind } from '../behind.ts'
import { ask, chat } from '../chat.ts'
import { Code, Flag, Frame, FrameServer, field, ok, onRequest } from './frame-server.ts'
import { type Answer, startHttp2Upstream } from './http2-upstream.ts'

const options = { settings: { enableConnectProtocol: true } }

const echo: Answer = ({ stream }) => {
  stream.respond({ ':status': 200, 'x-own': '1' })
  stream.pipe(stream)
}

describe('a request to switch protocols, to a server of HTTP/2', () => {
  it('becomes an extended CONNECT, and the bytes go both ways', async () => {
    await using upstream = await startHttp2Upstream(echo, options)
    await using gateway = await startBehind(upstream, { plugins: [chat], basePath: '/base' })
    using client = await gateway.connect()

    await client.send(ask)
    const response = await client.readResponse()
    await client.send('one')
    const one = String(await client.readBytes(3))
    await client.send('two')
    const two = String(await client.readBytes(3))

    expect([response.status, response.headers['upgrade']]).toEqual([101, 'chat'])
    expect(response.headers['x-own']).toBe('1')
    expect([one, two]).toEqual(['one', 'two'])
    const { headers } = upstream.arrived[0] ?? {}
    expect(headers).toMatchObject({ ':method': 'CONNECT', ':protocol': 'chat', ':scheme': 'http' })
    expect(headers?.[':path']).toMatch(/^\/base\//)
    expect(headers).not.toHaveProperty('upgrade')
    expect(headers).not.toHaveProperty('connection')
  })

  it('ends each direction by itself', async () => {
    const heard: string[] = []
    await using upstream = await startHttp2Upstream(({ stream }) => {
      stream.respond({ ':status': 200 })
      stream.end('all that there is')
      stream.on('data', (bytes) => heard.push(String(bytes)))
      stream.on('end', () => heard.push('end'))
    }, options)
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await connect(gateway.port(), { allowHalfOpen: true })

    await client.send(ask)
    await client.readResponse()
    expect(String(await client.readBytes(17))).toBe('all that there is')
    expect(await client.closed()).toBe('end')
    await client.send('thanks')
    client.end()

    await expect.poll(() => heard).toEqual(['thanks', 'end'])
    await expect.poll(() => upstream.streams).toBe(0)
    await expect.poll(() => gateway.endpoint().active).toBe(0)
  })

  it.each([
    [200, 'too early'],
    [403, 'not for you'],
  ])('hears the other answer with %i of a server that does not switch', async (status, text) => {
    await using upstream = await startHttp2Upstream(({ stream }) => {
      stream.respond({ ':status': status === 200 ? 418 : status })
      stream.end(text)
    }, options)
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await gateway.connect()

    await client.send(ask)
    const response = await client.readResponse()

    expect(response.text).toBe(text)
    await expect.poll(() => upstream.streams).toBe(0)
    expect(gateway.endpoint().active).toBe(0)
  })

  it('is a 502 if the server does not know of it', async () => {
    await using upstream = await startHttp2Upstream(echo)
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await gateway.connect()

    await client.send(ask)
    const response = await client.readResponse()

    expect(response.json()).toMatchObject({ status: 502, code: 'GW_HTTP_UPSTREAM_NO_SWITCH' })
    expect(upstream.arrived).toEqual([])
  })

  it('resets the stream when the client goes', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => connection.headers(stream, ok)),
      (connection) => connection.settings([8, 1]),
    )
    await using gateway = await startBehind(server, { plugins: [chat] })
    const client = await gateway.connect()

    await client.send(ask)
    await client.readResponse()
    client.reset()

    await expect.poll(() => server.resets()).toEqual([Code.cancel])
    await expect.poll(() => gateway.endpoint().active).toBe(0)
    expect(server.received(Frame.data).some(({ flags }) => flags === Flag.endStream)).toBe(false)
  })

  it.each([Code.none, Code.internal, Code.cancel])(
    'breaks off when the server resets it with %i',
    async (code) => {
      await using server = await FrameServer.start(
        onRequest((connection, stream) => {
          connection.headers(stream, Buffer.concat([ok, field('x-a', '1')]))
          connection.data(stream, 'part')
          connection.reset(stream, code)
        }),
        (connection) => connection.settings([8, 1]),
      )
      await using gateway = await startBehind(server, { plugins: [chat] })
      using client = await gateway.connect()

      await client.send(ask)
      await client.readResponse()

      expect(await client.closed()).toBe('reset')
      await expect.poll(() => gateway.endpoint().active).toBe(0)
    },
  )

  it('completes the handshake of WebSocket, of which HTTP/2 has no part', async () => {
    await using upstream = await startHttp2Upstream(echo, options)
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(
      'GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    const response = await client.readResponse()

    expect(response.status).toBe(101)
    expect(response.headers['sec-websocket-accept']).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
    expect(upstream.arrived[0]?.headers).not.toHaveProperty('sec-websocket-key')
    expect(upstream.arrived[0]?.headers['sec-websocket-version']).toBe('13')
  })
})
