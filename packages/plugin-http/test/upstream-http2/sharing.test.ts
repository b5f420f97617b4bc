import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { configFor, startBehind } from '../behind.ts'
import { Frame, FrameServer, greet, ok, onRequest } from './frame-server.ts'
import { type Arrived, respond, startHttp2Upstream } from './http2-upstream.ts'

describe('connections to a server of HTTP/2', () => {
  it('are one for all requests at once', async () => {
    await using upstream = await startHttp2Upstream()
    await using gateway = await startBehind(upstream)

    const all = Array.from({ length: 90 }, () => gateway.request('/'))

    expect(new Set((await Promise.all(all)).map(({ text }) => text))).toEqual(new Set(['hello']))
    expect(upstream.sessions).toHaveLength(1)
    expect(gateway.endpoint().active).toBe(0)
  })

  it('become more when the server allows no more streams', async () => {
    const arrived: Arrived[] = []
    await using upstream = await startHttp2Upstream((one) => arrived.push(one), {
      settings: { maxConcurrentStreams: 1 },
    })
    await using gateway = await startBehind(upstream)

    const all = Array.from({ length: 5 }, () => gateway.request('/'))
    await expect.poll(() => arrived.length).toBe(5)
    for (const one of arrived) respond('one each')(one)

    expect((await Promise.all(all)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(upstream.sessions).toHaveLength(5)
  })

  it('are no more than are allowed; what comes then waits its turn', async () => {
    let most = 0
    await using upstream = await startHttp2Upstream(
      async (arrived) => {
        most = Math.max(most, upstream.streams)
        await nextTurn()
        respond('in turn')(arrived)
      },
      { settings: { maxConcurrentStreams: 2 } },
    )
    await using gateway = await startBehind(upstream, {
      balancer: { max_connections_per_server: 2 },
    })

    const all = await Promise.all(Array.from({ length: 50 }, () => gateway.request('/')))

    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]))
    expect(upstream.sessions).toHaveLength(2)
    expect(most).toBe(4)
  })

  it('keep no more requests waiting than is allowed', async () => {
    const arrived: Arrived[] = []
    await using upstream = await startHttp2Upstream((one) => arrived.push(one), {
      settings: { maxConcurrentStreams: 1 },
    })
    await using gateway = await startBehind(upstream, {
      balancer: { max_connections_per_server: 1, max_waiting_per_server: 1 },
    })
    const first = gateway.request('/')
    await expect.poll(() => arrived.length).toBe(1)

    const second = gateway.request('/')
    await expect.poll(() => gateway.endpoint().active).toBe(2)
    const third = await gateway.request('/')
    for (const one of arrived) respond('at last')(one)
    await expect.poll(() => arrived.length).toBe(2)
    for (const one of arrived.slice(1)) respond('at last')(one)

    expect(third.status).toBe(503)
    expect(third.json()).toMatchObject({ code: 'GW_UPSTREAM_BUSY' })
    expect([(await first).status, (await second).status]).toEqual([200, 200])
  })

  it('keep nobody waiting for longer than to connect', async () => {
    await using upstream = await startHttp2Upstream(() => undefined, {
      settings: { maxConcurrentStreams: 1 },
    })
    await using gateway = await startBehind(upstream, {
      balancer: { max_connections_per_server: 1, connect_timeout: '50ms', request_timeout: '2s' },
    })

    const [first, second] = await Promise.all([gateway.request('/'), gateway.request('/')])

    expect(new Set([first.status, second.status])).toEqual(new Set([503, 504]))
    expect(gateway.endpoint().active).toBe(0)
  })

  it('outlive a reload that leaves their options alone, and no other', async () => {
    await using upstream = await startHttp2Upstream()
    await using gateway = await startBehind(upstream)
    await gateway.request('/')

    await gateway.reload(configFor(upstream.url))
    await gateway.request('/')
    const kept = upstream.sessions.length
    await gateway.reload(configFor(upstream.url, { balancer: { request_timeout: '7s' } }))
    await gateway.request('/')

    expect([kept, upstream.sessions.length]).toEqual([1, 2])
    await expect.poll(() => upstream.open).toBe(1)
  })

  it('that a reload does away with end what they have begun', async () => {
    const arrived: Arrived[] = []
    await using upstream = await startHttp2Upstream((one) => {
      one.stream.respond()
      one.stream.write('begun ')
      arrived.push(one)
    })
    await using other = await startHttp2Upstream()
    await using gateway = await startBehind(upstream)
    const response = gateway.request('/')
    await expect.poll(() => arrived.length).toBe(1)

    await gateway.reload(configFor(other.url, { balancer: { request_timeout: '7s' } }))
    expect((await gateway.request('/')).text).toBe('hello')
    arrived[0]?.stream.end('and done')

    expect((await response).text).toBe('begun and done')
    await expect.poll(() => upstream.open).toBe(0)
  })

  it('are closed when the gateway stops', async () => {
    await using upstream = await startHttp2Upstream()
    await using gateway = await startBehind(upstream)
    await gateway.request('/')

    await gateway.close()

    await expect.poll(() => upstream.open).toBe(0)
  })

  it('carry thousands of requests at once', { timeout: 60_000 }, async () => {
    const arrived: Arrived[] = []
    await using upstream = await startHttp2Upstream((one) => arrived.push(one), {
      settings: { maxConcurrentStreams: 250 },
    })
    await using gateway = await startBehind(upstream, {
      balancer: { max_waiting_per_server: 2000 },
    })
    const clients = await Promise.all(Array.from({ length: 2000 }, () => gateway.connect()))

    await Promise.all(clients.map((client) => client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')))
    await vi.waitFor(() => expect(arrived).toHaveLength(2000), { timeout: 30_000 })
    for (const [index, one] of arrived.entries()) respond(String(index))(one)
    const texts = await Promise.all(
      clients.map(async (client) => (await client.readResponse()).text),
    )
    for (const client of clients) client[Symbol.dispose]()

    expect(new Set(texts).size).toBe(2000)
    expect(upstream.sessions.length).toBeLessThanOrEqual(20)
    expect(gateway.endpoint().active).toBe(0)
  })
})

describe('flow control of HTTP/2', () => {
  it('stops a server whose client does not read, and nobody else', async () => {
    let written = 0
    await using upstream = await startHttp2Upstream(({ stream, headers }) => {
      stream.respond()
      if (headers[':path'] !== '/slow') return stream.end('quick')
      const pour = (): void => {
        while (written < 2 ** 28 && !stream.destroyed) {
          written += 2 ** 16
          if (!stream.write(Buffer.alloc(2 ** 16))) break
        }
      }
      stream.on('drain', pour)
      pour()
    })
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()
    client.pause()

    await client.send('GET /slow HTTP/1.1\r\nHost: h\r\n\r\n')
    await expect.poll(() => written).toBeGreaterThan(2 ** 18)
    for (let i = 0; i < 20; i++) expect((await gateway.request('/')).text).toBe('quick')
    const before = await stable(() => written)

    expect(before).toBeLessThan(2 ** 26)
    expect(upstream.sessions).toHaveLength(1)
  })

  it('takes nothing from a server before somebody reads the body', async () => {
    const before = Promise.withResolvers<number>()
    let sent = 0
    await using upstream = await startHttp2Upstream(({ stream }) => {
      // Node would end it by a reset otherwise.
      stream.resume()
      stream.respond()
      const pour = (): void => {
        while (sent < 2 ** 22) {
          sent += 2 ** 14
          if (!stream.write(Buffer.alloc(2 ** 14))) return
        }
        stream.end()
      }
      stream.on('drain', pour)
      pour()
    })
    await using gateway = await startBehind(upstream, {
      middleware: { onResponse: async () => before.resolve(await stable(() => sent)) },
    })

    const response = await gateway.request('/')

    // A window here, and the buffers of the server.
    expect(await before.promise).toBeLessThan(2 ** 20)
    expect(response.text.length).toBe(sent)
  })

  it('goes on byte by byte if the server wants it so', async () => {
    let text = ''
    await using server = await FrameServer.start(
      (connection, frame) => {
        onRequest(() => undefined)(connection, frame)
        if (frame.type !== Frame.data) return
        text += String(frame.payload)
        if (frame.flags === 1) return connection.answer(frame.stream, 'thanks')
        connection.send(Frame.windowUpdate, 0, frame.stream, Buffer.from([0, 0, 0, 1]))
      },
      (connection) => connection.settings([4, 1]),
    )
    await using gateway = await startBehind(server)
    const body = 'one byte after the other'

    const response = await gateway.request('/', { method: 'POST', body: [body, body] })

    expect(response.text).toBe('thanks')
    expect(text).toBe(body + body)
    const sizes = server.received(Frame.data).map(({ payload }) => payload.length)
    expect(Math.max(...sizes)).toBe(1)
  })

  it('stops a client whose server does not read', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => connection.headers(stream, ok)),
      greet,
    )
    await using gateway = await startBehind(server)
    using client = await gateway.connect()

    await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 268435456\r\n\r\n')
    await client.readHead()
    let sent = 0
    for (let i = 0; i < 4096; i++) {
      void client.send(Buffer.alloc(2 ** 16)).then(() => (sent += 2 ** 16))
    }

    expect(await stable(() => sent)).toBeLessThan(2 ** 26)
    expect(server.received(Frame.data).length).toBeGreaterThan(0)
  })
})

/** A number once it has not changed for many turns of the event loop. */
async function stable(look: () => number): Promise<number> {
  let before = Number.NaN
  for (;;) {
    const now = look()
    if (now === before) return now
    before = now
    for (let turn = 0; turn < 500; turn++) await nextTurn()
  }
}
