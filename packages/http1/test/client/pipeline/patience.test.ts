import type { BodySink, GatewayResponse } from '@gatewright/kernel'
import { describe, expect, it, vi } from 'vitest'
import { quiet } from '../../quiet.ts'
import { ok, RawUpstream } from './raw-upstream.ts'
import { fetchAll, startShared } from './shared.ts'

const chunkedHead = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'

describe('a response that takes long', () => {
  it('keeps the connection after a second, while the requests behind it go elsewhere', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream

    const [slow, ...behind] = ['/slow', '/2', '/3'].map((target) => sender.fetch({ target }))
    await vi.waitUntil(() => shared.requests.length === 3)
    sender.pass(900)
    expect(upstream.elsewhere).toEqual(['/warm'])
    sender.pass(1100)
    expect(await Promise.all(behind)).toEqual(['elsewhere /2', 'elsewhere /3'])
    shared.socket.write(ok('slow'))

    expect(await slow).toBe('slow')
    await vi.waitUntil(() => sender.shared?.shared === 0)
  })

  it('makes room for another shared connection, and is no reason to stop sharing', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)

    const stream = sender.fetch({ target: '/stream' })
    await vi.waitUntil(() => upstream.shared.requests.length === 1)
    upstream.shared.socket.write(`${chunkedHead}1\r\nx\r\n`)
    await vi.waitFor(() => {
      sender.pass(1100)
      sender.begin({ target: '/again' })
      expect(sender.shared?.shared).toBe(2)
    })
    upstream.shared.socket.write('0\r\n\r\n')

    expect(await stream).toBe('x')
  })

  it('times out by itself only', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)

    const slow = fetchAll(sender, ['/slow'])
    const behind = fetchAll(sender, ['/2'])
    await vi.waitUntil(() => upstream.shared.requests.length === 2)
    sender.pass(1100)
    expect(await behind).toEqual(['elsewhere /2'])
    sender.pass(30_100)

    expect(await slow).toEqual(['GW_UPSTREAM_RESPONSE_TIMEOUT'])
  })

  it.each([
    ['before its end', `${chunkedHead}1\r\nx\r\n`, 'GW_UPSTREAM_BODY_TIMEOUT'],
    ['within its head', 'HTTP/1.1 200', 'GW_UPSTREAM_RESPONSE_TIMEOUT'],
  ])('times out %s', async (_where, begin, code) => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream, {}, { idleTimeoutMs: 30_000 })

    const all = fetchAll(sender, ['/slow'])
    await vi.waitUntil(() => upstream.shared.requests.length === 1)
    const { bytesWritten } = upstream.shared.socket
    upstream.shared.socket.write(begin)
    await vi.waitUntil(() => upstream.shared.socket.bytesWritten > bytesWritten)
    await quiet(() => 0)
    sender.pass(30_100)

    expect(await all).toEqual([code])
  })

  it('is given up when the total time is over', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream, {}, { totalTimeoutMs: 900 })

    const all = fetchAll(sender, ['/slow', '/2'])
    await vi.waitUntil(() => upstream.shared.requests.length === 2)
    sender.pass(901)

    expect(await all).toEqual(['GW_UPSTREAM_RESPONSE_TIMEOUT', 'elsewhere /2'])
  })

  it('is asked for elsewhere if it was sent behind another one and may have been lost', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream

    const all = fetchAll(sender, ['/1', '/lost', '/3'])
    await vi.waitUntil(() => shared.requests.length === 3)
    shared.socket.write(ok('one'))
    await vi.waitFor(() => {
      sender.pass(1100)
      expect(sender.shared?.shared).toBe(0)
    })

    expect(await all).toEqual(['one', 'elsewhere /lost', 'elsewhere /3'])
    expect(await fetchAll(sender, ['/4'])).toEqual(['elsewhere /4'])
  })
})

describe('a client that does not read', () => {
  it('keeps nobody waiting once its response is here', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream

    const idle = sender.begin({ target: '/idle' })
    const stuck = sender.begin({ target: '/stuck' })
    const all = fetchAll(sender, ['/3'])
    await vi.waitUntil(() => shared.requests.length === 3)
    shared.socket.write(ok('never read') + ok('x'.repeat(20_000)) + ok('three'))
    const reader = new StuckReader((await stuck.outcome).response)

    expect(await all).toEqual(['three'])
    expect((await idle.outcome).response?.bodyLength).toBe(10)
    expect(await reader.readOn()).toBe('x'.repeat(20_000))
    expect(sender.shared?.shared).toBe(1)
  })

  it('stops the upstream, and the requests behind it go elsewhere after a second', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream
    const size = 16 * 1024 * 1024

    const stuck = sender.begin({ target: '/stuck' })
    const all = fetchAll(sender, ['/2', '/3'])
    await vi.waitUntil(() => shared.requests.length === 3)
    shared.socket.write(ok('x'.repeat(size)))
    shared.socket.write(ok('two') + ok('three'))
    const reader = new StuckReader((await stuck.outcome).response)
    const unsent = await quiet(() => shared.socket.writableLength)
    sender.pass(1100)

    expect(await all).toEqual(['elsewhere /2', 'elsewhere /3'])
    expect(unsent).toBeGreaterThan(size / 4)
    expect(await reader.readOn()).toHaveLength(size)
    await vi.waitUntil(() => sender.shared?.shared === 0)
  })
})

/** Takes the first bytes of a body and then no more until it is told to. */
class StuckReader implements BodySink {
  readonly #source: ReturnType<GatewayResponse['takeBody']>
  readonly #whole = Promise.withResolvers<string>()
  readonly #pieces: Buffer[] = []
  #stuck = true

  constructor(response: GatewayResponse | undefined) {
    this.#source = response?.takeBody()
    this.#source?.start(this)
  }

  /** The whole body. */
  readOn(): Promise<string> {
    this.#stuck = false
    this.#source?.resume()
    return this.#whole.promise
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    this.#pieces.push(Buffer.from(bytes.subarray(start, end)))
    return !this.#stuck
  }

  end(): void {
    this.#whole.resolve(Buffer.concat(this.#pieces).toString())
  }

  fail(error: unknown): void {
    this.#whole.reject(error)
  }
}
