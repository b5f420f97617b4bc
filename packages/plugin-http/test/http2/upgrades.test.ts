import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { GatewayResponse } from '@gatewright/kernel'
import { reply, resetAfter, startUpstream, switching } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { startBehind } from '../behind.ts'
import { chat } from '../chat.ts'
import { answerOf, connectHttp2, type Http2Client } from './client.ts'

const ask = { ':method': 'CONNECT', ':protocol': 'Chat', ':path': '/room', ':scheme': 'http' }

describe('extended CONNECT', () => {
  it('becomes a request to switch protocols, and its bytes go both ways', async () => {
    await using upstream = await startUpstream(switching('chat'))
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    await using client = await connect(gateway.url())
    const stream = client.open({ ...ask, ':authority': 'a', 'x-a': '1' })
    const answer = answerOf(stream)

    stream.write('hello ')
    stream.end('world')

    expect(await answer).toMatchObject({ status: 200, body: 'hello world', code: 0 })
    const [request] = upstream.requests
    expect([request?.method, request?.target]).toEqual(['GET', '/room'])
    expect(request?.headers).toMatchObject({ host: 'a', 'x-a': '1', upgrade: 'chat' })
    expect((await answer).headers).not.toHaveProperty('upgrade')
  })

  it('passes the end of each side on by itself', async () => {
    await using upstream = await startListener()
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    await using client = await connect(gateway.url())
    const stream = client.open(ask)
    const answer = answerOf(stream)

    stream.end('it')

    expect(await answer).toMatchObject({ body: 'all of it', code: 0 })
  })

  it('carries much more than windows hold', async () => {
    await using upstream = await startUpstream(switching('chat'))
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    await using client = await connect(gateway.url())
    const stream = client.open(ask)
    const sent = 'x'.repeat(3_000_000)
    const answer = answerOf(stream)

    stream.end(sent)

    expect((await answer).body === sent).toBe(true)
  })

  it('is answered as usual if the server does not switch', async () => {
    await using upstream = await startUpstream(reply(403, {}, 'no'))
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    await using client = await connect(gateway.url())

    expect(await answerOf(client.open(ask))).toMatchObject({ status: 403, body: 'no' })
  })

  it('is refused with 502 if the server answers as if it had switched', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'a page'))
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    await using client = await connect(gateway.url())

    const answer = await answerOf(client.open(ask))

    expect(answer.status).toBe(502)
    expect(answer.body).toContain('GW_HTTP2_NOT_SWITCHED')
  })

  it('of a protocol that nobody knows is refused with 501, without it with 405', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    await using client = await connect(gateway.url())

    const unknown = await answerOf(client.open({ ...ask, ':protocol': 'other' }))
    const plain = await answerOf(
      client.session.request({ ':method': 'CONNECT', ':authority': 'a:443' }),
    )

    expect([unknown.status, plain.status]).toEqual([501, 405])
    expect(upstream.requests).toEqual([])
  })

  it('can be refused by a middleware', async () => {
    await using upstream = await startUpstream(switching('chat'))
    const middleware = { onRequest: () => new GatewayResponse({ status: 401 }) }
    await using gateway = await startBehind(upstream, { middleware, plugins: [chat] })
    await using client = await connect(gateway.url())

    expect((await answerOf(client.open(ask))).status).toBe(401)
    expect(upstream.requests).toEqual([])
  })

  it('breaks off for the server when the client resets it', async () => {
    await using upstream = await startUpstream(switching('chat'))
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    await using client = await connect(gateway.url())
    const stream = client.open(ask)
    stream.write('x')
    const { gone } = await upstream.nextHead()
    await vi.waitFor(() => expect(stream.readableLength).toBeGreaterThan(0))

    stream.close(8)

    await gone
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })

  it('breaks off for the client when the server resets it', async () => {
    const broken = resetAfter(
      100,
      switching('chat', async ({ write }) => write(Buffer.alloc(1000))),
    )
    await using upstream = await startUpstream(broken)
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    await using client = await connect(gateway.url())

    const answer = await answerOf(client.open(ask))

    expect(answer.code).not.toBe(0)
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })

  it('is told the end when the gateway stops', async () => {
    await using upstream = await startUpstream(switching('chat'))
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    await using client = await connect(gateway.url())
    const stream = client.open(ask)
    const answer = answerOf(stream)
    stream.write('x')
    await upstream.nextHead()

    await gateway.close()

    expect(await answer).toMatchObject({ status: 200 })
  })
})

/** A client that knows that it may. */
async function connect(url: string): Promise<Http2Client> {
  const client = await connectHttp2(url)
  await vi.waitFor(() => expect(client.session.remoteSettings.enableConnectProtocol).toBe(true))
  return client
}

/** A server that answers when its client has said everything. */
async function startListener(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let heard = ''
    socket.on('data', (bytes: Buffer) => {
      if (heard === '') socket.write(switchHead)
      heard += String(bytes)
    })
    socket.on('end', () => socket.end(`all of ${heard.slice(heard.indexOf(headEnd) + 4)}`))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}

const headEnd = '\r\n\r\n'
const switchHead = 'HTTP/1.1 101 \r\nconnection: upgrade\r\nupgrade: chat\r\n\r\n'
