import { once } from 'node:events'
import { after, chunked, hang, reply, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { configFor, startBehind } from '../behind.ts'
import { answerOf, connectHttp2 } from './client.ts'
import { connectRaw, Frame, get, number32 } from './raw-http2.ts'

describe('an HTTP/2 connection of a gateway that stops', () => {
  it('ends the requests that it has, and takes no others', async () => {
    const released = Promise.withResolvers<void>()
    const slow = after(released.promise, reply(200, {}, 'slow'))
    await using upstream = await startUpstream(slow)
    await using gateway = await startBehind(upstream)
    await using client = await connectHttp2(gateway.url())
    const answer = answerOf(client.open({}, true))
    await upstream.nextHead()

    const stopping = gateway.close()
    await vi.waitFor(() => expect(client.goaways).toContain(0))
    released.resolve()

    expect(await answer).toMatchObject({ status: 200, body: 'slow', code: 0 })
    await client.closed()
    await stopping
    expect(upstream.requests).toHaveLength(1)
  })

  it('says so twice: at first without refusing what is on its way', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'x'))
    await using gateway = await startBehind(upstream)
    using client = await connectRaw(gateway.port())
    client.begin()
    client.request(1, get)
    await client.next(Frame.data, 1)

    await gateway.gateway.shutdown({ idleMs: 300 })

    await client.closed
    const ids = client.frames
      .filter(({ type }) => type === Frame.goaway)
      .map(({ payload }) => payload.readUInt32BE(0))
    expect(ids.slice(0, 2)).toEqual([2 ** 31 - 1, 1])
  })

  it('says 503 for what it gives up', async () => {
    await using upstream = await startUpstream(hang(), { strict: false })
    await using gateway = await startBehind(upstream)
    await using client = await connectHttp2(gateway.url())
    const answer = answerOf(client.open({}, true))
    await upstream.nextHead()

    await gateway.close()

    expect(await answer).toMatchObject({ status: 503, code: 0 })
  })

  it('cancels the responses that it gives up half-way', async () => {
    await using upstream = await startUpstream(chunked(200, {}, endless))
    await using gateway = await startBehind(upstream)
    await using client = await connectHttp2(gateway.url())
    const stream = client.open({}, true)
    const answer = answerOf(stream)
    await once(stream, 'response')

    await gateway.close()

    expect(await answer).toMatchObject({ status: 200, code: 8 })
  })
})

describe('a gateway that stops', () => {
  it('does not wait for clients that neither read nor go', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'x'.repeat(1_000_000)))
    await using gateway = await startBehind(upstream)
    using client = await connectRaw(gateway.port())
    client.begin()
    client.send(Frame.windowUpdate, 0, 0, number32(2 ** 30))
    client.send(Frame.settings, 0, 0, largeWindows)
    client.pause()
    for (let i = 0; i < 30; i++) client.request(2 * i + 1, get)
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(30))

    await gateway.close()

    expect(gateway.gateway.exchanges).toBe(0)
  })
})

/** SETTINGS_INITIAL_WINDOW_SIZE of a gigabyte. */
const largeWindows = Buffer.from([0, 4, 0x40, 0, 0, 0])

describe('an HTTP/2 connection', () => {
  it('is over when its client says no more', async () => {
    await using upstream = await startUpstream(hang(), { strict: false })
    await using gateway = await startBehind(upstream)
    using client = await connectRaw(gateway.port())
    client.begin()
    client.request(1, get)
    const { gone } = await upstream.nextHead()

    client.end()

    await gone
    await client.closed
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })

  it('ends after so many requests', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'x'))
    const http = { max_requests_per_connection: 2 }
    await using gateway = await startBehind(upstream, { entrypoint: { http } })
    await using client = await connectHttp2(gateway.url())

    const first = await client.send({})
    const second = await client.send({})

    expect([first.status, second.status]).toEqual([200, 200])
    await client.closed()
    expect(new Set(client.goaways)).toEqual(new Set([0]))
  })

  it('lives through reloads, and takes the new configuration', async () => {
    await using one = await startUpstream(reply(200, {}, 'one'))
    await using two = await startUpstream(reply(200, {}, 'two'))
    await using gateway = await startBehind(one)
    await using client = await connectHttp2(gateway.url())
    const before = await client.send({})

    await gateway.reload(configFor(two.url))
    const afterwards = await client.send({})

    expect([before.body, afterwards.body]).toEqual(['one', 'two'])
    expect(client.goaways).toEqual([])
  })

  it('refuses what is too much with 503', async () => {
    await using upstream = await startUpstream(hang(), { strict: false })
    const overload = { max_requests: 1 }
    await using gateway = await startBehind(upstream, { entrypoint: { overload } })
    await using client = await connectHttp2(gateway.url())
    client.open({}, true)
    await upstream.nextHead()

    expect(await client.send({})).toMatchObject({ status: 503, code: 0 })
  })
})

async function* endless(): AsyncGenerator<string> {
  yield 'begun'
  await new Promise(() => undefined)
}
