import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { definePlugin, GatewayResponse, HeaderList, type RequestContext } from '@gatewright/kernel'
import { reply, resetAfter, startUpstream, switching, type TestGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { startBehind } from './behind.ts'
import { ask, chat, switched } from './chat.ts'

describe('a request to switch protocols', () => {
  it('goes on with its Upgrade, and the bytes both ways as they are', async () => {
    await using upstream = await startUpstream(switching('chat'))
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await gateway.connect()

    await client.send(ask)
    const response = await client.readResponse()
    await client.send('GET / HTTP/1.1\r\n\r\n')

    expect(response.rawHeaders).toEqual(['upgrade', 'chat', 'connection', 'upgrade'])
    expect([response.status, response.reason]).toEqual([101, 'Switching Protocols'])
    expect(String(await client.readBytes(18))).toBe('GET / HTTP/1.1\r\n\r\n')
    expect(upstream.requests[0]?.headers).toMatchObject({ upgrade: 'chat', connection: 'upgrade' })
    expect(upstream.requests[0]?.headers).not.toHaveProperty('x-own')
  })

  it.each([
    ['of an unknown protocol', 'GET', 'Connection: upgrade\r\nUpgrade: h2c'],
    ['that Connection does not name', 'GET', 'Upgrade: chat'],
  ])('%s is served without it', async (_what, method, fields) => {
    await using upstream = await startUpstream(reply(200, {}, 'plain'))
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await gateway.connect()

    await client.send(`${method} / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`)

    expect((await client.readResponse()).text).toBe('plain')
    expect(upstream.requests[0]?.headers).not.toHaveProperty('upgrade')
    expect(upstream.requests[0]?.headers).not.toHaveProperty('connection')
  })

  it('of HTTP/1.0 is served without it', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'plain'))
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await gateway.connect()

    await client.send(ask.replace('HTTP/1.1', 'HTTP/1.0'))

    expect((await client.readResponse()).text).toBe('plain')
    expect(upstream.requests[0]?.headers).not.toHaveProperty('upgrade')
  })

  it('goes to the first of several protocols that is known, and asks for no other', async () => {
    await using upstream = await startUpstream(switching('chat'))
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await gateway.connect()

    await client.send(ask.replace('Upgrade: Chat', 'Upgrade: h2c, chat/2\r\nUpgrade: x, chat'))

    expect((await client.readResponse()).status).toBe(101)
    expect(upstream.requests[0]?.headers['upgrade']).toBe('chat')
  })

  it('with a body is refused, and nothing of it is taken for another request', async () => {
    await using upstream = await startUpstream(switching('chat'))
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await gateway.connect()

    await client.send(ask.replace('X-Own: 1', 'Content-Length: 4').concat('body'))

    expect((await client.readResponse()).status).toBe(400)
    expect(upstream.requests).toEqual([])
  })

  it('with a length of 0 has no body', async () => {
    await using upstream = await startUpstream(switching('chat'))
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await gateway.connect()

    await client.send(ask.replace('X-Own: 1', 'Content-Length: 0').concat('early'))

    expect((await client.readResponse()).status).toBe(101)
    expect(String(await client.readBytes(5))).toBe('early')
  })

  it('that the upstream answers in HTTP leaves both connections usable', async () => {
    await using upstream = await startUpstream([
      reply(401, { 'WWW-Authenticate': 'Basic' }, 'who?'),
      reply(200, {}, 'fine'),
    ])
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await gateway.connect()

    await client.send(ask)
    const refused = await client.readResponse()
    await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')

    expect([refused.status, refused.text]).toEqual([401, 'who?'])
    expect(refused.headers['www-authenticate']).toBe('Basic')
    expect((await client.readResponse()).text).toBe('fine')
    expect(new Set(upstream.requests.map(({ connection }) => connection)).size).toBe(1)
  })

  it.each(['other', 'chat, other'])('is not answered by a switch to "%s"', async (protocol) => {
    await using upstream = await startUpstream(switching(protocol))
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await gateway.connect()

    await client.send(ask)

    expect((await client.readResponse()).status).toBe(502)
  })

  it('is answered 502 if the upstream breaks off', async () => {
    await using upstream = await startUpstream(resetAfter(0, reply()))
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await gateway.connect()

    await client.send(ask)

    expect((await client.readResponse()).status).toBe(502)
  })
})

describe('a switch by a plugin', () => {
  it('leads to the stream that it gave', async () => {
    const pieces: string[] = []
    const duplex = new Duplex({
      read: () => undefined,
      write(chunk, _encoding, done) {
        pieces.push(String(chunk))
        this.push(`heard ${String(chunk)}`)
        done()
      },
      final(done) {
        this.push(null)
        done()
      },
    })
    await using gateway = await startAnswering(
      () => new GatewayResponse({ status: 101, upgrade: duplex }),
    )
    using client = await switched(gateway)

    await client.send('hello')
    expect(String(await client.readBytes(11))).toBe('heard hello')
    client.end()

    expect(await client.closed()).toBe('end')
    expect(pieces).toEqual(['hello'])
  })

  it.each<[string, string, (duplex: Duplex) => GatewayResponse]>([
    ['nobody asked for', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', (upgrade) => answer(101, upgrade)],
    ['has another status', ask, (upgrade) => answer(200, upgrade)],
    [
      'has a field that cannot be sent',
      ask,
      (upgrade) => {
        const response = answer(101, upgrade)
        response.headers = new HeaderList(['x', 'a\nb'])
        return response
      },
    ],
  ])('that %s is refused, and its stream ended', async (_what, request, make) => {
    const duplex = new Duplex({ read: () => undefined })
    await using gateway = await startAnswering(() => make(duplex))
    using client = await gateway.connect()

    await client.send(request)

    expect((await client.readResponse()).status).toBeGreaterThanOrEqual(500)
    expect(duplex.destroyed).toBe(true)
  })

  it('ends its stream if the client has left before', async () => {
    const duplex = new Duplex({ read: () => undefined })
    const asked = Promise.withResolvers<void>()
    const answered = Promise.withResolvers<void>()
    await using gateway = await startAnswering(async () => {
      asked.resolve()
      await answered.promise
      return answer(101, duplex)
    })
    using client = await gateway.connect()

    await client.send(ask)
    await asked.promise
    client.reset()
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
    answered.resolve()

    await once(duplex, 'close')
  })
})

function answer(status: number, upgrade: Duplex): GatewayResponse {
  return new GatewayResponse({ status, upgrade })
}

/** A gateway in which a plugin answers everything. */
async function startAnswering(
  handle: (ctx: RequestContext) => GatewayResponse | Promise<GatewayResponse>,
): Promise<TestGateway> {
  const answering = definePlugin({
    name: 'answering',
    setup: ({ hooks }) => hooks.request.tapPromise('answering', async (ctx) => handle(ctx)),
  })
  return startBehind({ url: 'http://127.0.0.1:9' }, { plugins: [chat, answering] })
}
