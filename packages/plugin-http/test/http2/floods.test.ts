import { definePlugin, type Plugin } from '@gatewright/kernel'
import { hang, reply, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { type Front, startBehind } from '../behind.ts'
import { block, connectRaw, Flag, Frame, get, number32, type RawHttp2 } from './raw-http2.ts'

const enhanceYourCalm = 11

describe('an HTTP/2 client that', () => {
  it('resets one request after the other is sent away', async () => {
    await using upstream = await startUpstream(hang(), { strict: false })
    await using gateway = await startBehind(upstream)
    using client = await begin(gateway)

    for (let i = 0; i < 260; i++) {
      client.request(2 * i + 1, get)
      client.reset(2 * i + 1)
    }

    expect(await client.goaway()).toBe(enhanceYourCalm)
    await client.closed
    expect(await leftBy(gateway)).toBe(0)
    expect(gateway.logs.find({ level: 'debug' })).toContainEqual(
      expect.objectContaining({ code: 'GW_HTTP2_FLOOD' }),
    )
  })

  it('resets requests that have reached the server is sent away', async () => {
    await using upstream = await startUpstream(hang(), { strict: false })
    await using gateway = await startBehind(upstream, { entrypoint: { http: { max_resets: 5 } } })
    using client = await begin(gateway)

    for (let i = 0; i < 6; i++) {
      client.request(2 * i + 1, get)
      await vi.waitFor(() => expect(upstream.requests).toHaveLength(i + 1))
      client.reset(2 * i + 1)
    }

    expect(await client.goaway()).toBe(enhanceYourCalm)
    expect(await leftBy(gateway)).toBe(0)
  })

  it('resets 200 requests within ten seconds may go on', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'fine'))
    await using gateway = await startBehind(upstream)
    using client = await begin(gateway)

    for (let i = 0; i < 200; i++) {
      client.request(2 * i + 1, get)
      client.reset(2 * i + 1)
    }
    client.request(1001, get)

    expect((await client.next(Frame.data, 1001)).payload.toString()).toBe('fine')
    expect(client.frames.filter(({ type }) => type === Frame.goaway)).toEqual([])
  })

  it.each<[string, (client: RawHttp2) => void]>([
    ['sends SETTINGS without end', (client) => client.settings()],
    ['pings without end', (client) => client.send(Frame.ping, 0, 0, Buffer.alloc(8))],
  ])('%s is sent away', async (_what, flood) => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using client = await begin(gateway)

    for (let i = 0; i < 520; i++) flood(client)

    expect(await client.goaway()).toBe(enhanceYourCalm)
    await client.closed
  })

  it.each<[string, (client: RawHttp2) => void]>([
    [
      'sends a header block without end',
      (client) => {
        client.send(Frame.headers, Flag.endStream, 1, block(get))
        for (let i = 0; i < 200; i++) {
          client.send(Frame.continuation, Flag.none, 1, block([['x-a', 'y'.repeat(4000)]]))
        }
      },
    ],
    [
      'sends CONTINUATION without anything in it',
      (client) => {
        client.send(Frame.headers, Flag.endStream, 1, block(get))
        for (let i = 0; i < 1000; i++) client.send(Frame.continuation, Flag.none, 1)
      },
    ],
    [
      'sends empty DATA without end',
      (client) => {
        client.request(1, [[':method', 'POST'], ...get.slice(1)], Flag.endHeaders)
        for (let i = 0; i < 2000; i++) client.send(Frame.data, Flag.none, 1)
      },
    ],
    [
      'opens the window of the connection by nothing',
      (client) => client.send(Frame.windowUpdate, Flag.none, 0, number32(0)),
    ],
    [
      'opens the window of a stream by nothing',
      (client) => {
        client.request(1, get)
        client.send(Frame.windowUpdate, Flag.none, 1, number32(0))
      },
    ],
    [
      'opens more streams at once than it may, again and again',
      (client) => {
        for (let i = 0; i < 1000; i++) client.request(2 * i + 1, get, Flag.endHeaders)
      },
    ],
    ['sends a frame that is too large', (client) => client.send(0, 0, 1, Buffer.alloc(70_000))],
    ['sends nonsense', (client) => client.send(77, 1, 1, Buffer.from('nonsense'.repeat(3000)))],
  ])('%s is sent away, with everything it held', async (_what, attack) => {
    await using upstream = await startUpstream(hang(), { strict: false })
    await using gateway = await startBehind(upstream)
    using client = await begin(gateway)

    attack(client)

    await client.closed
    expect(await leftBy(gateway)).toBe(0)
  })

  it('has too many fields, or too large ones, gets 431', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using client = await begin(gateway)
    const many = Array.from({ length: 101 }, (_, i) => [`x-${i}`, 'y'] as const)
    const large = Array.from({ length: 70 }, (_, i) => [`x-${i}`, 'y'.repeat(1000)] as const)
    const chunks = block([...get, ...large])

    client.request(1, [...get, ...many])
    client.send(Frame.headers, Flag.endStream, 3, chunks.subarray(0, 16_000))
    for (let start = 16_000; start < chunks.length; start += 16_000) {
      const last = start + 16_000 >= chunks.length
      const piece = chunks.subarray(start, start + 16_000)
      client.send(Frame.continuation, last ? Flag.endHeaders : Flag.none, 3, piece)
    }

    expect(String((await client.next(Frame.data, 1)).payload)).toContain('TOO_MANY_FIELDS')
    expect(String((await client.next(Frame.data, 3)).payload)).toContain('HEAD_TOO_LARGE')
    expect(upstream.requests).toEqual([])
  })

  it('opens more streams than it may loses those', async () => {
    await using upstream = await startUpstream(hang(), { strict: false })
    const http = { max_concurrent_streams: 2 }
    await using gateway = await startBehind(upstream, { entrypoint: { http } })
    using client = await begin(gateway)

    for (const stream of [1, 3, 5]) client.request(stream, get)

    expect(await client.resetOf(5)).toBe(7)
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(2))
  })
})

describe('an HTTP/2 client that is too slow is sent away', () => {
  it('when it does not say what it wants', async () => {
    await using upstream = await startUpstream()
    const http = { header_timeout: '100ms' }
    await using gateway = await startBehind(upstream, { entrypoint: { http } })
    using client = await connectRaw(gateway.port())

    client.preface()

    await client.closed
    expect(await leftBy(gateway)).toBe(0)
  })

  it('when it has nothing to ask', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'x'))
    const http = { keep_alive_timeout: '100ms' }
    await using gateway = await startBehind(upstream, { entrypoint: { http } })
    using client = await begin(gateway)

    client.request(1, get)

    expect(await client.goaway()).toBe(0)
    expect((await client.next(Frame.data, 1)).payload.toString()).toBe('x')
    await client.closed
  })

  it('when it does not take its response: the stream ends, the connection goes on', async () => {
    const body = 'x'.repeat(400_000)
    await using upstream = await startUpstream([reply(200, {}, body), reply(200, {}, 'next')])
    const http = { write_timeout: '200ms' }
    await using gateway = await startBehind(upstream, { entrypoint: { http } })
    using client = await begin(gateway)

    client.request(1, get)

    expect(await client.resetOf(1)).toBe(8)
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
    client.send(Frame.windowUpdate, Flag.none, 0, number32(100_000))
    client.request(3, get)
    expect((await client.next(Frame.data, 3)).payload.toString()).toBe('next')
  })

  it('when it does not send its body', async () => {
    await using upstream = await startUpstream()
    const http = { upload_idle_timeout: '200ms' }
    await using gateway = await startBehind(upstream, { entrypoint: { http } })
    using client = await begin(gateway)

    client.request(1, [[':method', 'POST'], ...get.slice(1)], Flag.endHeaders)

    expect(String((await client.next(Frame.data, 1)).payload)).toContain('BODY_TIMEOUT')
    expect(await leftBy(gateway)).toBe(0)
  })

  it('when it neither reads nor goes', async () => {
    const body = 'x'.repeat(60_000)
    await using upstream = await startUpstream(reply(200, {}, body))
    const http = { write_timeout: '200ms', keep_alive_timeout: '200ms' }
    const open = { connections: 0 }
    const setup = { entrypoint: { http }, plugins: [counting(open)] }
    await using gateway = await startBehind(upstream, setup)
    using client = await begin(gateway)
    client.send(Frame.windowUpdate, Flag.none, 0, number32(2 ** 30))

    client.pause()
    for (let i = 0; i < 200; i++) client.request(2 * i + 1, get)

    await vi.waitFor(() => expect(open.connections).toBe(0), { timeout: 20_000 })
    expect(await leftBy(gateway)).toBe(0)
  })
})

function counting(open: { connections: number }): Plugin<undefined> {
  return definePlugin({
    name: 'counting',
    setup: ({ hooks }) =>
      hooks.connection.tap('counting', (connection) => {
        open.connections++
        connection.defer(() => open.connections--)
        return undefined
      }),
  })
}

async function begin({ port }: Front): Promise<RawHttp2> {
  const client = await connectRaw(port())
  client.begin()
  return client
}

/** What is held for a client that has gone, once nothing of it runs. */
async function leftBy({ gateway, endpoint }: Front): Promise<number> {
  await vi.waitFor(() => expect(gateway.exchanges).toBe(0), { timeout: 10_000 })
  return endpoint().active
}
