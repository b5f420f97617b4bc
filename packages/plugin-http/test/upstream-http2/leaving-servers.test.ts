import { startGateway } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { configFor, startBehind } from '../behind.ts'
import { Code, Flag, Frame, FrameServer, greet, onRequest } from './frame-server.ts'

const lastPossible = 2 ** 31 - 1

describe('a server of HTTP/2 that goes away', () => {
  it('before any request gets none; they go to another connection', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => connection.answer(stream, `from ${connection.index}`)),
    )
    await using gateway = await startBehind(server)
    await gateway.request('/')
    server.connections[0]?.goaway(lastPossible, Code.none)
    await expect
      .poll(() => server.connections[0]?.received.some(({ type }) => type === Frame.goaway))
      .toBe(true)

    const { text } = await gateway.request('/')

    expect(text).toBe('from 1')
    await server.connections[0]?.gone
  })

  it.each([
    { method: 'GET', body: undefined },
    { method: 'POST', body: 'length' },
    { method: 'POST', body: ['chun', 'ked'] },
    { method: 'POST', body: 'x'.repeat(60_000) },
  ])('under a $method with $body sees it again on another connection', async (given) => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        if (connection.index === 0) connection.goaway(0, Code.none)
        else connection.answer(stream, 'second')
      }),
    )
    await using gateway = await startBehind(server)
    const { method, body } = given

    const { status, text } = await gateway.request('/', {
      method,
      ...(body !== undefined && { body }),
    })

    expect([status, text]).toEqual([200, 'second'])
    const again = server.connections[1]?.received.filter(({ type }) => type === Frame.data) ?? []
    const sent = Buffer.concat(again.map(({ payload }) => payload)).toString()
    expect(sent).toBe([body ?? ''].flat().join(''))
  })

  it('gets all of a body that goes on meanwhile', async () => {
    await using server = await FrameServer.start(
      (connection, frame) => {
        const open = frame.type === Frame.headers && connection.index === 0
        if (open) connection.goaway(0, Code.none)
        if (frame.type !== Frame.data || connection.index === 0) return
        connection.send(Frame.windowUpdate, 0, 0, Buffer.from([0, 0, 0xff, 0xff]))
        connection.send(Frame.windowUpdate, 0, frame.stream, Buffer.from([0, 0, 0xff, 0xff]))
        if (frame.flags === Flag.endStream) connection.answer(frame.stream, 'whole')
      },
      (connection) => {
        if (connection.index === 0) greet(connection)
      },
    )
    await using gateway = await startBehind(server)
    using client = await gateway.connect()
    await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 120000\r\n\r\n')
    await client.send('a'.repeat(60_000))
    await expect.poll(() => server.connections.length).toBe(2)

    await client.send('b'.repeat(60_000))
    const [, second] = server.connections
    if (second !== undefined) greet(second)
    const response = await client.readResponse()

    const frames = second?.received.filter(({ type }) => type === Frame.data) ?? []
    const sent = Buffer.concat(frames.map(({ payload }) => payload)).toString()
    expect(response.text).toBe('whole')
    expect(sent).toBe('a'.repeat(60_000) + 'b'.repeat(60_000))
  })

  it('may still answer what it has taken', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        connection.goaway(stream, Code.none)
        connection.answer(stream, `from ${connection.index}`)
      }),
    )
    await using gateway = await startBehind(server)

    for (const index of [0, 1, 2]) {
      const { text } = await gateway.request('/')
      expect(text).toBe(`from ${index}`)
    }

    await Promise.all(server.connections.map(({ gone }) => gone))
  })

  it('because of an error answers nothing more, except elsewhere what it has not seen', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        if (connection.index > 0) return connection.answer(stream, 'second')
        // Two requests are here, and the second one was not looked at.
        if (stream === 3) connection.goaway(1, Code.internal)
      }),
    )
    await using gateway = await startBehind(server)

    const seen = gateway.request('/seen')
    await expect.poll(() => server.received(Frame.headers).length).toBe(1)
    const unseen = await gateway.request('/unseen')
    const answer = await seen

    expect([answer.status, unseen.status, unseen.text]).toEqual([502, 200, 'second'])
    expect(answer.json()).toMatchObject({ code: 'GW_UPSTREAM_RESET' })
  })

  it('at every request is a 502, after one more try', async () => {
    await using server = await FrameServer.start(
      onRequest((connection) => connection.goaway(0, Code.none)),
    )
    await using gateway = await startBehind(server)

    const response = await gateway.request('/')

    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({ code: 'GW_UPSTREAM_RESET' })
    expect(server.connections).toHaveLength(2)
    expect(gateway.endpoint().active).toBe(0)
  })

  it('before it has greeted is one that cannot be reached', async () => {
    await using server = await FrameServer.start(
      onRequest(() => undefined),
      (connection) => connection.goaway(0, Code.calm),
    )
    await using gateway = await startBehind(server)

    const response = await gateway.request('/', { method: 'POST', body: 'x' })

    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({ code: 'GW_UPSTREAM_CONNECT' })
    expect(server.received(Frame.headers)).toEqual([])
  })

  it('in two steps loses nothing', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        if (connection.index > 0) return connection.answer(stream, 'second')
        if (stream === 1) {
          connection.goaway(lastPossible, Code.none)
          connection.goaway(stream, Code.none)
        }
        connection.answer(stream, 'first')
      }),
    )
    await using gateway = await startBehind(server)

    const first = await gateway.request('/')
    const second = await gateway.request('/')

    expect([first.text, second.text]).toEqual(['first', 'second'])
  })
})

describe('a server of HTTP/2 that refuses a stream', () => {
  it('sees the request again on another connection, once', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        if (connection.index === 0) connection.reset(stream, Code.refused)
        else connection.answer(stream, 'second')
      }),
    )
    await using gateway = await startBehind(server)

    const { status, text } = await gateway.request('/', { method: 'POST', body: 'x' })

    expect([status, text]).toEqual([200, 'second'])
  })

  it('sees it on the same connection if there may be no other', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        if (stream === 1) connection.reset(stream, Code.refused)
        else connection.answer(stream, 'again')
      }),
    )
    await using gateway = await startBehind(server, {
      balancer: { max_connections_per_server: 1 },
    })

    const { status, text } = await gateway.request('/')

    expect([status, text]).toEqual([200, 'again'])
    expect(server.connections).toHaveLength(1)
  })

  it('is passed over by retry, whatever the method and the body', async () => {
    let seen = 0
    await using refusing = await FrameServer.start(
      onRequest((connection, stream) => {
        seen++
        connection.reset(stream, Code.refused)
      }),
    )
    await using fine = await FrameServer.start(
      onRequest((connection, stream) => connection.answer(stream, 'fine')),
    )
    const config = configFor(refusing.url)
    const servers = [refusing, fine].map(({ url }) => ({ url }))
    await using gateway = await startGateway({
      ...config,
      routers: { all: { rule: 'PathPrefix(`/`)', service: 'app', middlewares: ['again'] } },
      middlewares: { again: { type: 'retry', retry_interval_ms: 1 } },
      services: { app: { load_balancer: { servers } } },
    })

    for (let i = 0; i < 4; i++) {
      const { text } = await gateway.request('/', { method: 'POST', body: 'x'.repeat(1000) })
      expect(text).toBe('fine')
    }

    expect(seen).toBeGreaterThan(0)
  })

  it('does not see more of a body twice than is kept', async () => {
    let seen = 0
    await using server = await FrameServer.start((connection, frame) => {
      onRequest(() => undefined)(connection, frame)
      if (frame.type !== Frame.data) return
      seen += frame.payload.length
      connection.send(Frame.windowUpdate, 0, 0, Buffer.from([0, 0, 0xff, 0xff]))
      connection.send(Frame.windowUpdate, 0, frame.stream, Buffer.from([0, 0, 0xff, 0xff]))
      if (seen > 64 * 1024) connection.reset(frame.stream, Code.refused)
    })
    await using gateway = await startBehind(server)

    const response = await gateway.request('/', { method: 'POST', body: 'x'.repeat(100_000) })

    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({ code: 'GW_UPSTREAM_RESET' })
    expect(server.connections).toHaveLength(1)
  })
})

describe('a kept connection of HTTP/2 that the server closes', () => {
  it.each(['end', 'destroy'] as const)('by %s under a GET costs nobody anything', async (how) => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        if (connection.index === 0 && stream > 1) connection.socket[how]()
        else connection.answer(stream, `from ${connection.index}`)
      }),
    )
    await using gateway = await startBehind(server)
    await gateway.request('/')

    const { status, text } = await gateway.request('/')

    expect([status, text]).toEqual([200, 'from 1'])
  })

  it('under a POST is a 502, since it may have been done', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        if (connection.index === 0 && stream > 1) connection.socket.end()
        else connection.answer(stream, `from ${connection.index}`)
      }),
    )
    await using gateway = await startBehind(server)
    await gateway.request('/')

    const response = await gateway.request('/', { method: 'POST', body: 'x' })

    expect(response.json()).toMatchObject({ code: 'GW_UPSTREAM_RESET' })
    expect(server.connections).toHaveLength(1)
  })

  it('at its first request is a 502', async () => {
    await using server = await FrameServer.start(onRequest((connection) => connection.socket.end()))
    await using gateway = await startBehind(server)

    const response = await gateway.request('/')

    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({ code: 'GW_UPSTREAM_RESET' })
  })

  it('while nobody uses it is not used again', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => connection.answer(stream, `from ${connection.index}`)),
    )
    await using gateway = await startBehind(server)
    await gateway.request('/')
    server.connections[0]?.socket.end()
    await server.connections[0]?.gone

    const { text } = await gateway.request('/', { method: 'POST', body: 'x' })

    expect(text).toBe('from 1')
  })
})
