import {
  after,
  closeBeforeResponse,
  deadUrl,
  hang,
  Reply,
  raw,
  reply,
  resetAfter,
  startUpstream,
  withExtra,
} from '@gatewright/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Sender } from './sender.ts'

describe('connections of a pool', () => {
  it('are used again, the one that was used last first', async () => {
    const gate = Promise.withResolvers<void>()
    await using upstream = await startUpstream([reply(), after(gate.promise, reply()), reply()])
    using sender = new Sender(upstream.url)

    const first = sender.fetch()
    await upstream.nextRequest()
    await first
    const second = sender.fetch()
    await upstream.nextRequest()
    await sender.fetch()
    gate.resolve()
    await second
    await sender.fetch()

    // The second connection was opened since the first was busy; the first came back last.
    expect(upstream.requests.map(({ connection }) => connection)).toEqual([1, 1, 2, 1])
  })

  it('are closed after five seconds without a request', async () => {
    await using upstream = await startUpstream()
    using sender = new Sender(upstream.url)

    await sender.fetch()
    sender.pass(4900)
    expect(sender.pool.idle).toBe(1)
    sender.pass(5100)

    expect(sender.pool.size).toBe(0)
    expect(await (await upstream.nextRequest()).gone).toBe('end')
  })

  it.each([
    ['timeout=3', 1900, 2100],
    ['max=100, timeout = 3', 1900, 2100],
    ['timeout="4"; max=2', 2900, 3100],
    ['timeout=60', 4900, 5100],
    ['max=5', 4900, 5100],
    ['timeout=soon', 4900, 5100],
  ])('are closed a second before the upstream does: %s', async (value, before, afterwards) => {
    await using upstream = await startUpstream(reply(200, { 'keep-alive': value }))
    using sender = new Sender(upstream.url)

    await sender.fetch()
    sender.pass(before)
    expect(sender.pool.idle).toBe(1)
    sender.pass(afterwards)

    expect(sender.pool.size).toBe(0)
  })

  it('are not kept if the upstream waits for less than a second', async () => {
    await using upstream = await startUpstream(reply(200, { 'keep-alive': 'timeout=1' }))
    using sender = new Sender(upstream.url)

    await sender.fetch()

    expect(sender.pool.size).toBe(0)
  })

  it.each([
    [
      'that the upstream closes',
      raw('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'),
    ],
    ['of HTTP/1.0', raw('HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n')],
    ['whose response ends with them', raw('HTTP/1.1 200 OK\r\n\r\nbody', { end: true })],
    ['with bytes after a response', withExtra(reply(200, {}, 'x'), 'HTTP/1.1 200 OK\r\n')],
    ['with bytes after a response without a body', withExtra(reply(204), 'HTTP/1.1 200 OK\r\n')],
  ])('%s are not used again', async (_what, behaviour) => {
    await using upstream = await startUpstream([behaviour, reply(200, {}, 'second')], {
      strict: false,
    })
    using sender = new Sender(upstream.url)

    await sender.fetch()
    const second = await sender.fetch()

    expect(second).toBe('second')
    expect(upstream.connections.total).toBe(2)
  })

  it('of HTTP/1.0 that are to be kept are used again', async () => {
    const kept = 'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n'
    await using upstream = await startUpstream(raw(kept))
    using sender = new Sender(upstream.url)

    await sender.fetch()
    await sender.fetch()

    expect(upstream.connections.total).toBe(1)
  })

  it('that bring bytes nobody asked for are closed', async () => {
    const late = Promise.withResolvers<void>()
    const talkative = new Reply(async (exchange) => {
      await reply(200, {}, 'first').play(exchange)
      await late.promise
      await exchange.write('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged')
      await exchange.gone
    })
    await using upstream = await startUpstream([talkative, reply(200, {}, 'second')])
    using sender = new Sender(upstream.url)

    expect(await sender.fetch()).toBe('first')
    late.resolve()
    await vi.waitFor(() => expect(sender.pool.size).toBe(0))

    expect(await sender.fetch()).toBe('second')
  })

  it('are closed with the pool, busy ones when they are done', async () => {
    const gate = Promise.withResolvers<void>()
    await using upstream = await startUpstream([reply(), after(gate.promise, reply(200, {}, 'x'))])
    const sender = new Sender(upstream.url)
    await sender.fetch()

    const busy = sender.fetch()
    await upstream.nextRequest()
    await upstream.nextRequest()
    sender[Symbol.dispose]()
    expect(sender.pool.size).toBe(1)
    gate.resolve()

    expect(await busy).toBe('x')
    expect(sender.pool.size).toBe(0)
    expect((await sender.send()).error?.code).toBe('GW_UPSTREAM_BUSY')
  })
})

describe('a request on a connection that the upstream has given up', () => {
  it.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])('is sent once more: %s', async (method) => {
    await using upstream = await startUpstream([reply(), closeBeforeResponse(), reply(201)])
    using sender = new Sender(upstream.url)

    await sender.fetch()
    const { status } = await sender.send({ method })

    expect(status).toBe(201)
    expect(upstream.requests.map(({ connection }) => connection)).toEqual([1, 1, 2])
  })

  it('is sent once more after a reset too', async () => {
    await using upstream = await startUpstream([reply(), resetAfter(0, reply()), reply(201)])
    using sender = new Sender(upstream.url)

    await sender.fetch()

    expect((await sender.send()).status).toBe(201)
  })

  it('is not sent a third time', async () => {
    await using upstream = await startUpstream([reply(), closeBeforeResponse()])
    using sender = new Sender(upstream.url)

    await sender.fetch()
    const { error } = await sender.send()

    expect(error?.code).toBe('GW_UPSTREAM_RESET')
    expect(upstream.requests).toHaveLength(3)
  })

  it.each([
    ['it may take effect twice', { method: 'POST' }],
    ['its body was sent', { method: 'PUT', body: 'x' }],
  ])('is not sent again if %s', async (_why, sending) => {
    await using upstream = await startUpstream([reply(), closeBeforeResponse(), reply(201)])
    using sender = new Sender(upstream.url)

    await sender.fetch()
    const { error } = await sender.send(sending)

    expect(error).toMatchObject({ code: 'GW_UPSTREAM_RESET', retryable: false })
    expect(upstream.requests).toHaveLength(2)
  })

  it('is not sent again once a byte of the response has come', async () => {
    await using upstream = await startUpstream([reply(), resetAfter(5, reply()), reply(201)])
    using sender = new Sender(upstream.url)

    await sender.fetch()

    expect((await sender.send()).error?.code).toBe('GW_UPSTREAM_RESET')
  })

  it('is not sent again if the connection was new', async () => {
    await using upstream = await startUpstream([closeBeforeResponse(), reply(201)])
    using sender = new Sender(upstream.url)

    expect((await sender.send()).error?.code).toBe('GW_UPSTREAM_RESET')
  })
})

describe('a bounded number of connections', () => {
  it('makes requests wait, first come first served', async () => {
    const gate = Promise.withResolvers<void>()
    await using upstream = await startUpstream(after(() => gate.promise, reply()))
    using sender = new Sender(upstream.url, { maxConnections: 2 })

    const all = ['/1', '/2', '/3', '/4', '/5'].map((target) => sender.fetch({ target }))
    await upstream.nextRequest()
    await upstream.nextRequest()
    expect(sender.pool.waiting).toBe(3)
    gate.resolve()
    await Promise.all(all)

    expect(upstream.requests.map(({ target }) => target).slice(2)).toEqual(['/3', '/4', '/5'])
    expect(upstream.connections.total).toBe(2)
  })

  it('gives up waiting after the time for connecting', async () => {
    await using upstream = await startUpstream(hang())
    using sender = new Sender(upstream.url, { maxConnections: 1 })

    const first = sender.begin()
    await upstream.nextRequest()
    const second = sender.send()
    sender.pass(5100)

    expect((await second).error).toMatchObject({
      code: 'GW_UPSTREAM_BUSY',
      status: 503,
      retryable: true,
      headers: ['retry-after', '1'],
    })
    expect(first.ctx.interruptible).toBeDefined()
  })

  it('opens another connection when one is lost', async () => {
    await using upstream = await startUpstream([closeBeforeResponse(), reply(201), reply(202)])
    using sender = new Sender(upstream.url, { maxConnections: 1 })

    const outcomes = await Promise.all([sender.send(), sender.send(), sender.send()])

    expect(outcomes.map(({ status, error }) => status ?? error?.code)).toEqual([
      'GW_UPSTREAM_RESET',
      201,
      202,
    ])
  })

  it('bounds how many wait', async () => {
    await using upstream = await startUpstream(hang())
    using sender = new Sender(upstream.url, { maxConnections: 1 })

    void sender.send()
    await upstream.nextRequest()
    const waiting = Array.from({ length: 1024 }, () => sender.begin())
    const { error } = await sender.send()

    expect(error?.code).toBe('GW_UPSTREAM_BUSY')
    expect(sender.pool.waiting).toBe(waiting.length)
  })
})

describe('a bounded number of requests that wait', () => {
  it('is beside those for which a connection is being made', async () => {
    await using upstream = await startUpstream()
    using sender = new Sender(upstream.url, { maxConnections: 2, maxWaiting: 1 })

    const outcomes = await Promise.all(Array.from({ length: 5 }, () => sender.send()))

    expect(outcomes.map(({ status, error }) => status ?? error?.code)).toEqual([
      200,
      200,
      200,
      'GW_UPSTREAM_BUSY',
      'GW_UPSTREAM_BUSY',
    ])
  })

  it('may be none', async () => {
    await using upstream = await startUpstream(hang())
    using sender = new Sender(upstream.url, { maxConnections: 1, maxWaiting: 0 })

    void sender.send()
    await upstream.nextRequest()

    expect((await sender.send()).error?.code).toBe('GW_UPSTREAM_BUSY')
  })

  it('lets a burst through, but not what comes on top of it when nothing connects', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    await using upstream = await startUpstream()
    using sender = new Sender(upstream.url, { maxWaiting: 2 })

    const burst = Array.from({ length: 5 }, () => sender.send())
    vi.advanceTimersByTime(1001)
    const late = sender.send()
    const outcomes = await Promise.all([...burst, late])

    expect(outcomes.map(({ status, error }) => status ?? error?.code)).toEqual([
      ...Array.from({ length: 5 }, () => 200),
      'GW_UPSTREAM_BUSY',
    ])
    expect((await sender.send()).status).toBe(200)
  })
})

describe('connecting', () => {
  it('that is refused fails the request, which may go elsewhere', async () => {
    using sender = new Sender(await deadUrl())

    expect((await sender.send({ method: 'POST', body: 'x' })).error).toMatchObject({
      code: 'GW_UPSTREAM_CONNECT',
      status: 502,
      retryable: true,
      message: expect.stringContaining('ECONNREFUSED'),
    })
    expect(sender.pool.unused).toBe(true)
  })

  it('to a name that does not exist fails the request', async () => {
    using sender = new Sender('http://this-name-does-not-exist.invalid')

    expect((await sender.send()).error?.code).toBe('GW_UPSTREAM_CONNECT')
  })

  it('that takes too long fails every request that waits so long', async () => {
    await using upstream = await startUpstream()
    using sender = new Sender(upstream.url)

    const outcomes = [sender.send(), sender.send()]
    sender.pass(5100)

    for (const { error } of await Promise.all(outcomes)) {
      expect(error).toMatchObject({
        code: 'GW_UPSTREAM_CONNECT_TIMEOUT',
        status: 504,
        retryable: true,
      })
    }
    expect(sender.pool.unused).toBe(true)
  })

  it('reaches the upstream of a URL with a name, a path and no port', () => {
    const { origin } = new Sender('http://Example.test/base/').pool

    expect(origin).toMatchObject({
      host: 'example.test',
      port: 80,
      authority: 'example.test',
      basePath: '/base',
    })
  })

  it('takes the brackets off an address of IPv6', () => {
    expect(new Sender('http://[::1]:8080').pool.origin).toMatchObject({
      host: '::1',
      port: 8080,
      authority: '[::1]:8080',
      basePath: '',
    })
  })
})
