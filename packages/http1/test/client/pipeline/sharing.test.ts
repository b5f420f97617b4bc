import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import type { PipelineSettings } from '../../../src/index.ts'
import { Sender } from '../sender.ts'
import { ok, RawUpstream } from './raw-upstream.ts'
import { fetchAll, startShared } from './shared.ts'

const eager: PipelineSettings = { connections: 2, depth: 4, headOfLineMs: 60_000 }
const few: PipelineSettings = { ...eager, connections: 1 }

describe('requests that share a connection', () => {
  it('leave in one write if they come in one turn', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream
    shared.answer((target) => shared.socket.write(ok(`shared ${target}`)))

    const bodies = await fetchAll(sender, ['/1', '/2', '/3', '/4'])

    expect(bodies).toEqual(['shared /1', 'shared /2', 'shared /3', 'shared /4'])
    expect(shared.reads).toHaveLength(1)
    expect(shared.targets).toEqual(['/1', '/2', '/3', '/4'])
    expect(upstream.elsewhere).toEqual(['/warm'])
  })

  it('get the responses in the order of the requests, in one piece or byte by byte', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream
    const answers =
      ok('one') +
      'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n' +
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\ntw\r\n1\r\no\r\n0\r\nx-t: 1\r\n\r\n' +
      'HTTP/1.1 204 No Content\r\n\r\n' +
      'HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n' +
      ok('') +
      ok('six', 404)
    const expected = ['one', 'two', '', '', '', 'six']
    const targets = ['/1', '/2', '/3', '/4', '/5', '/6']

    const whole = fetchAll(sender, targets)
    await vi.waitUntil(() => shared.requests.length === 6)
    shared.socket.write(answers)
    expect(await whole).toEqual(expected)
    const split = fetchAll(sender, targets)
    await vi.waitUntil(() => shared.requests.length === 12)
    for (const byte of answers) {
      shared.socket.write(byte)
      await nextTurn()
    }

    expect(await split).toEqual(expected)
    expect(sender.informed).toEqual([103, 103])
    expect(upstream.elsewhere).toEqual(['/warm'])
  })

  it('may be HEAD, whose response has no body', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream

    const head = sender.fetch({ method: 'HEAD', target: '/head' })
    const get = sender.fetch({ target: '/get' })
    await vi.waitUntil(() => shared.requests.length === 2)
    shared.socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n${ok('get')}`)

    expect([await head, await get]).toEqual(['', 'get'])
  })

  it.each([
    { method: 'POST' },
    { method: 'PUT', body: 'x' },
    { method: 'DELETE' },
    { method: 'OPTIONS' },
    { method: 'GET', body: 'x' },
    { method: 'CUSTOM' },
  ])('are not those that change something or have a body: $method', async (sending) => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)

    await sender.fetch({ ...sending, target: '/alone' })

    expect(upstream.shared.requests).toEqual([])
    expect(upstream.elsewhere).toContain('/alone')
  })

  it('are no more at once than the depth', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream, { depth: 2 })
    const { shared } = upstream

    const all = fetchAll(sender, ['/1', '/2', '/3'])
    await vi.waitUntil(() => upstream.elsewhere.includes('/3'))
    await vi.waitUntil(() => shared.requests.length === 2)
    shared.socket.write(ok('one') + ok('two'))

    expect(await all).toEqual(['one', 'two', 'elsewhere /3'])
  })

  it('are not queued behind one that has waited for too long', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream, { headOfLineMs: 0 })
    const { shared } = upstream

    const before = fetchAll(sender, ['/1', '/2'])
    await vi.waitUntil(() => shared.requests.length === 2)
    const after = await fetchAll(sender, ['/3', '/4'])
    shared.socket.write(ok('one') + ok('two'))

    expect(after).toEqual(['elsewhere /3', 'elsewhere /4'])
    expect(await before).toEqual(['one', 'two'])
  })

  it('that cannot be composed fail alone', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream
    shared.answer((target) => shared.socket.write(ok(target)))

    const bodies = await fetchAll(sender, ['/1', '/a b', '/2'])

    expect(bodies).toEqual(['/1', 'GW_HTTP1_UNSENDABLE', '/2'])
    expect(shared.targets).toEqual(['/1', '/2'])
  })

  it('may have heads beyond any buffer, and still leave together', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream
    shared.answer((target) => shared.socket.write(ok(target)))
    const headers = ['x-long', 'x'.repeat(30_000)]

    const bodies = await Promise.all(
      ['/1', '/2', '/3'].map((target) => sender.fetch({ target, headers })),
    )

    expect(bodies).toEqual(['/1', '/2', '/3'])
  })
})

describe('the connections that requests share', () => {
  it('become more when one has many requests', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream, { connections: 2, depth: 4 })

    const first = fetchAll(sender, ['/1', '/2', '/3'])
    await vi.waitUntil(() => sender.shared?.shared === 2)
    const second = fetchAll(sender, ['/4', '/5', '/6'])
    await second
    upstream.shared.socket.write(ok('1') + ok('2') + ok('3'))

    expect(await first).toEqual(['1', '2', '3'])
    expect(upstream.shared.targets).toEqual(['/1', '/2', '/3'])
    expect(sender.shared?.shared).toBe(2)
  })

  it('are closed after five seconds without a request', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)

    sender.pass(4000)
    expect(sender.shared?.shared).toBe(1)
    sender.pass(5100)

    expect(sender.shared?.unused).toBe(true)
  })

  it('leave room for others within a bound on connections', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream, { connections: 4 }, { maxConnections: 2 })

    const all = fetchAll(sender, ['/1', '/2', '/3', '/4', '/5', '/6', '/7', '/8', '/9'])
    await vi.waitUntil(() => upstream.shared.requests.length === 8)
    await sender.fetch({ method: 'POST', target: '/post' })
    upstream.shared.answer((target) => upstream.shared.socket.write(ok(target)))
    upstream.shared.socket.write(ok('x').repeat(8))
    await all

    expect(upstream.connections).toHaveLength(2)
    expect(upstream.elsewhere).toContain('/post')
  })

  it('take what waits in vain for a connection of its own', async () => {
    await using upstream = await RawUpstream.start({ answers: false })
    using sender = new Sender(upstream.url, { maxConnections: 2, maxWaiting: 1 }, few)
    const { connections } = upstream

    const all = fetchAll(sender, ['/1', '/2', '/3', '/4', '/5', '/6'])
    await vi.waitUntil(() => connections.flatMap(({ targets }) => targets).length === 5)
    const shared = connections.find(({ targets }) => targets.length === few.depth)
    const own = connections.find(({ targets }) => targets.length === 1)
    shared?.socket.write(ok('shared'))
    await vi.waitUntil(() => shared?.targets.length === 5)
    shared?.socket.write(ok('shared').repeat(4))
    own?.socket.write(ok('own'))

    expect((await all).toSorted()).toEqual(['own', ...Array<string>(5).fill('shared')])
    expect(shared?.targets.at(-1)).toBe('/6')
  })

  it('are not made where there may be only one', async () => {
    await using upstream = await RawUpstream.start()
    using sender = new Sender(upstream.url, { maxConnections: 1 }, eager)

    const all = fetchAll(sender, ['/1', '/2'])
    await vi.waitUntil(() => upstream.connections[0]?.requests.length === 1)
    upstream.shared.answerAll()
    upstream.shared.socket.write(ok('one'))

    expect(await all).toEqual(['one', 'elsewhere /2'])
    expect(upstream.connections).toHaveLength(1)
  })

  it('close with the pool once they have answered', async () => {
    await using upstream = await RawUpstream.start()
    const sender = await startShared(upstream)
    const { shared } = upstream

    const all = fetchAll(sender, ['/1', '/2'])
    await vi.waitUntil(() => shared.requests.length === 2)
    sender[Symbol.dispose]()
    shared.socket.write(ok('one') + ok('two'))

    expect(await all).toEqual(['one', 'two'])
    await vi.waitUntil(() => sender.shared?.unused === true)
  })
})
