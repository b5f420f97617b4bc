import { errors } from '@gatewright/kernel'
import { describe, expect, it, vi } from 'vitest'
import { readBody, type Sender } from '../sender.ts'
import { ok, type RawConnection, RawUpstream } from './raw-upstream.ts'
import { fetchAll, startShared } from './shared.ts'

const targets = ['/1', '/2', '/3', '/4']
const elsewhere = ['elsewhere /1', 'elsewhere /2', 'elsewhere /3', 'elsewhere /4']
const aborted = errors.GW_CLIENT_ABORTED()
const half = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nha'
const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'

describe('a shared connection that the upstream closes', () => {
  it.each([0, 1, 3])('after %i answers has the others sent once more', async (count) => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream

    const all = beginAll(sender, shared)
    await all.sent
    shared.socket.end(ok('shared').repeat(count))

    expect(await all.bodies).toEqual([
      ...Array<string>(count).fill('shared'),
      ...elsewhere.slice(count),
    ])
    expect(upstream.elsewhere.slice(1).toSorted()).toEqual(targets.slice(count))
  })

  it('with a reset has the others sent once more', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream

    const all = beginAll(sender, shared)
    await all.sent
    shared.socket.resetAndDestroy()

    expect(await all.bodies).toEqual(elsewhere)
  })

  it('has the others sent once more though there may be no more connections', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream, {}, { maxConnections: 2 })
    const { shared } = upstream

    const all = beginAll(sender, shared)
    await all.sent
    shared.socket.end(ok('one'))

    expect(await all.bodies).toEqual(['one', ...elsewhere.slice(1)])
    expect(upstream.connections).toHaveLength(3)
  })

  it.each(['H', 'HTTP/1.1 200 OK\r\n', 'HTTP/1.1 103 Early Hints\r\n\r\n'])(
    'has a request of whose answer came %j fail',
    async (begin) => {
      await using upstream = await RawUpstream.start()
      using sender = await startShared(upstream)
      const { shared } = upstream

      const all = beginAll(sender, shared)
      await all.sent
      shared.socket.end(ok('one') + begin)

      expect(await all.bodies).toEqual(['one', 'GW_UPSTREAM_RESET', ...elsewhere.slice(2)])
      expect(upstream.elsewhere).not.toContain('/2')
    },
  )

  it.each([half, `${chunked}4\r\nha`])('breaks the body off that it was sending', async (begin) => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream

    const all = beginAll(sender, shared)
    await all.sent
    shared.socket.end(begin)

    expect(await all.bodies).toEqual(['GW_UPSTREAM_RESET', ...elsewhere.slice(1)])
  })

  it('ends a body that ends with it', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream

    const all = beginAll(sender, shared)
    await all.sent
    shared.socket.end('HTTP/1.1 200 OK\r\n\r\nto the end')

    expect(await all.bodies).toEqual(['to the end', ...elsewhere.slice(1)])
  })

  it.each(['HTTP/1.1 200 OK\r\nconnection: close', 'HTTP/1.0 200 OK\r\nconnection: keep-alive'])(
    'is left as soon as it says so: %j',
    async (head) => {
      await using upstream = await RawUpstream.start()
      using sender = await startShared(upstream)
      const { shared } = upstream

      const all = beginAll(sender, shared)
      await all.sent
      shared.socket.write(`${head}\r\ncontent-length: 4\r\n\r\nlast${ok('forged')}`)

      expect(await all.bodies).toEqual(['last', ...elsewhere.slice(1)])
      expect(sender.shared?.shared).toBe(0)
    },
  )

  it('is not tried again for a while, which grows', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream

    const all = beginAll(sender, shared)
    await all.sent
    shared.socket.end()
    await all.bodies

    expect(await fetchAll(sender, targets)).toEqual(elsewhere)
    expect(sender.shared?.shared).toBe(0)
  })
})

describe('bytes that are no answer', () => {
  it.each([
    ['after the last one', ''],
    ['in the place of the next one', 'garbage\r\n\r\n'],
    ['with a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  ])('%s end the connection', async (_where, bytes) => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream

    const all = fetchAll(sender, ['/1'])
    await vi.waitUntil(() => shared.requests.length === 1)
    shared.socket.write(`${ok('one')}${bytes}${ok('forged')}`)

    expect(await all).toEqual(['one'])
    await vi.waitUntil(() => sender.shared?.shared === 0)
    expect(await fetchAll(sender, targets)).toEqual(elsewhere)
  })

  it('fail the request in whose place they come, and no other', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream

    const all = beginAll(sender, shared)
    await all.sent
    shared.socket.write(`${ok('one')}surplus${ok('two')}`)

    expect(await all.bodies).toEqual(['one', 'GW_UPSTREAM_PROTOCOL', ...elsewhere.slice(2)])
  })

  it('never answer a request that was not sent yet', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream
    const second = Promise.withResolvers<string>()

    const first = sender.begin({ target: '/1' }, () =>
      second.resolve(sender.fetch({ target: '/2' })),
    )
    await vi.waitUntil(() => shared.requests.length === 1)
    shared.socket.write(ok('one') + ok('forged'))

    expect(await readBody((await first.outcome).response)).toBe('one')
    expect(await second.promise).toBe('elsewhere /2')
    expect(shared.targets).toEqual(['/1'])
  })

  it.each([
    ['never answer a request that was sent after they came', ok('forged'), 'elsewhere /2'],
    ['may be none, and the next answer finds its request', '', 'two'],
  ])('behind a body that is taken late %s', async (_what, surplus, second) => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream

    const first = sender.begin({ target: '/1' })
    await vi.waitUntil(() => shared.requests.length === 1)
    shared.socket.write(`${chunked}2\r\nhi\r\n0\r\n\r\n${surplus}`)
    const { response } = await first.outcome
    const next = sender.fetch({ target: '/2' })
    await vi.waitUntil(() => shared.requests.length === 2)
    shared.socket.write(ok('two'))
    // Its answer leaves the upstream later, so that the one before has been read.
    await sender.fetch({ method: 'POST', target: '/later' })

    expect(await readBody(response)).toBe('hi')
    expect(await next).toBe(second)
  })

  it('in a chunked body fail it, and have the others sent elsewhere', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream

    const all = beginAll(sender, shared)
    await all.sent
    shared.socket.write(`${chunked}nonsense\r\n`)

    expect(await all.bodies).toEqual(['GW_UPSTREAM_PROTOCOL', ...elsewhere.slice(1)])
  })
})

describe('a client that goes away', () => {
  it.each([
    ['', ok('nobody')],
    ['of chunks', `${chunked}1\r\nx\r\n0\r\n\r\n`],
    ['without a body', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ])('has its answer %s thrown away, and nobody else gets it', async (_kind, answer) => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream

    const gone = sender.begin({ target: '/gone' })
    const all = fetchAll(sender, ['/2'])
    await vi.waitUntil(() => shared.requests.length === 2)
    gone.ctx.abort(aborted)
    shared.socket.write(answer + ok('two'))

    expect(await all).toEqual(['two'])
    expect((await gone.outcome).error).toBe(aborted)
    expect(sender.shared?.shared).toBe(1)
  })

  it('before its request left changes nothing for the others', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream
    shared.answer((target) => shared.socket.write(ok(target)))

    const gone = sender.begin({ target: '/gone' })
    const all = fetchAll(sender, ['/2'])
    gone.ctx.abort(aborted)

    expect(await all).toEqual(['/2'])
    expect((await gone.outcome).error).toBe(aborted)
  })

  it.each([
    ['is too large', 'HTTP/1.1 200 OK\r\ncontent-length: 65537\r\n\r\nx'],
    ['ends with the connection', 'HTTP/1.1 200 OK\r\n\r\nx'],
    ['has too many chunks', `${chunked}${`2000\r\n${'x'.repeat(8192)}\r\n`.repeat(9)}`],
  ])('gives the connection up if its answer %s', async (_why, answer) => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream

    const gone = sender.begin({ target: '/gone' })
    const all = fetchAll(sender, ['/2', '/3'])
    await vi.waitUntil(() => shared.requests.length === 3)
    gone.ctx.abort(aborted)
    shared.socket.write(answer)

    expect(await all).toEqual(['elsewhere /2', 'elsewhere /3'])
    await vi.waitUntil(() => sender.shared?.shared === 0)
  })

  it('gives the connection up if its answer does not come', async () => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream

    const gone = sender.begin({ target: '/gone' })
    await vi.waitUntil(() => shared.requests.length === 1)
    gone.ctx.abort(aborted)
    sender.pass(2100)

    expect(sender.shared?.shared).toBe(0)
  })

  it.each([
    [half, 'lf', 1],
    [`${chunked}2\r\nha\r\n`, '0\r\n\r\n', 1],
    ['HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\nha', '', 0],
  ])('in the middle of its body leaves the others theirs: %j', async (begin, rest, left) => {
    await using upstream = await RawUpstream.start()
    using sender = await startShared(upstream)
    const { shared } = upstream

    const gone = sender.begin({ target: '/gone' })
    const all = fetchAll(sender, ['/2'])
    await vi.waitUntil(() => shared.requests.length === 2)
    shared.socket.write(begin)
    const { response } = await gone.outcome
    response?.discard()
    shared.socket.write(rest + ok('elsewhere /2'))

    expect(await all).toEqual(['elsewhere /2'])
    expect(sender.shared?.shared).toBe(left)
  })
})

/** Begins a request to each target. */
function beginAll(
  sender: Sender,
  shared: RawConnection,
): { readonly bodies: Promise<string[]>; readonly sent: Promise<unknown> } {
  const bodies = fetchAll(sender, targets)
  return { bodies, sent: vi.waitUntil(() => shared.requests.length === targets.length) }
}
