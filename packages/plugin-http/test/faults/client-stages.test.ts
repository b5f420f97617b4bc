/**
 * What becomes of an exchange whose client goes away: in both ways, at every stage. A client that
 * only ends its half of the connection counts as gone.
 *
 * @module
 */
import {
  chunked,
  early,
  hang,
  type RawClient,
  raw,
  reply,
  startUpstream,
  type Upstream,
  unread,
} from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { type Front, startBehind } from '../behind.ts'
import { BlockedListener } from './blocked-listener.ts'

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

const ways: readonly (readonly [string, (client: RawClient) => void])[] = [
  ['a FIN', (client) => client.end()],
  ['an RST', (client) => client.reset()],
]

describe.each(ways)('a client that leaves with %s', (_how, leave) => {
  it('while its response is waited for takes the request with it', async () => {
    await using upstream = await startUpstream(hang())
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(get)
    await upstream.nextRequest()
    leave(client)

    await expectEverythingGone(upstream, gateway)
    expect(gateway.logs.find({ code: 'GW_CLIENT_ABORTED', level: 'debug' })).toHaveLength(1)
  })

  it.each([
    ['with a length', 'Content-Length: 10\r\n\r\nhalf'],
    ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhalf'],
  ])('within a request %s takes it back', async (_framing, rest) => {
    await using upstream = await startUpstream(hang())
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(`POST / HTTP/1.1\r\nHost: h\r\n${rest}`)
    const request = await upstream.nextHead()
    leave(client)

    expect(await request.completed).toBe(false)
    await expectEverythingGone(upstream, gateway)
  })

  it.each([
    ['with a length', raw('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')],
    ['in chunks', chunked(200, {}, endless)],
  ])('within a response %s stops it', async (_framing, behaviour) => {
    await using upstream = await startUpstream(behaviour)
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(get)
    await client.readHead()
    leave(client)

    await expectEverythingGone(upstream, gateway)
  })

  it('while it waits for a connection leaves its place', async () => {
    await using upstream = await startUpstream(hang())
    await using gateway = await startBehind(upstream, {
      balancer: { max_connections_per_server: 1 },
    })
    using first = await gateway.connect()
    await first.send(get)
    await upstream.nextRequest()
    using client = await gateway.connect()

    await client.send(get)
    await exchanges(gateway, 2)
    leave(client)
    await exchanges(gateway, 1)

    expect(gateway.endpoint().active).toBe(1)
    expect(upstream.requests).toHaveLength(1)
  })

  it.runIf(process.platform === 'linux')('while the upstream is connected to', async () => {
    await using listener = await BlockedListener.start()
    await using gateway = await startBehind(listener)
    using client = await gateway.connect()

    await client.send(get)
    await exchanges(gateway, 1)
    leave(client)

    await exchanges(gateway, 0)
    expect(gateway.endpoint().active).toBe(0)
    expect(gateway.logs.find({ level: 'warn' })).toEqual([])
  })

  it.each([
    ['before a byte', ''],
    ['within the request line', 'GET / HT'],
    ['within the head', 'GET / HTTP/1.1\r\nHo'],
    ['before the empty line', 'GET / HTTP/1.1\r\nHost: h\r\n'],
  ])('%s is nobody', async (_when, sent) => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(sent)
    leave(client)

    expect((await gateway.request('/')).status).toBe(200)
    expect(upstream.requests).toHaveLength(1)
    expect(gateway.gateway.exchanges).toBe(0)
    expect(gateway.logs.entries.filter(({ level }) => level === 'warn')).toEqual([])
  })

  it('instead of sending the body that it announced takes the request back', async () => {
    await using upstream = await startUpstream(hang())
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(
      'POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n',
    )
    expect((await client.readHead()).status).toBe(100)
    leave(client)

    await expectEverythingGone(upstream, gateway)
  })

  it('while the upstream does not take its upload takes it back', async () => {
    await using upstream = await startUpstream(unread(new Promise(() => undefined), reply()))
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n')
    void client.send(Buffer.alloc(1_000_000))
    await upstream.nextHead()
    leave(client)

    await exchanges(gateway, 0)
    expect(gateway.endpoint().active).toBe(0)
  })

  it('while it does not read stops the response', async () => {
    await using upstream = await startUpstream(chunked(200, {}, flood), { strict: false })
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(get)
    await client.readHead()
    client.pause()
    leave(client)

    await expectEverythingGone(upstream, gateway)
  })

  it('with requests in advance takes all of them with it', async () => {
    await using upstream = await startUpstream(hang())
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(get + get + get)
    await upstream.nextRequest()
    leave(client)

    await expectEverythingGone(upstream, gateway)
    expect(upstream.requests).toHaveLength(1)
  })

  it('while its refused upload is thrown away', async () => {
    await using upstream = await startUpstream(early(reply(413, { connection: 'close' })))
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\nhalf')
    expect((await client.readResponse()).status).toBe(413)
    leave(client)

    await exchanges(gateway, 0)
    expect(gateway.endpoint().active).toBe(0)
  })

  it('between two requests harms nobody', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(get)
    await client.readResponse()
    leave(client)
    await gateway.request('/')

    expect(upstream.connections.total).toBe(1)
    expect(gateway.gateway.exchanges).toBe(0)
  })
})

async function expectEverythingGone(upstream: Upstream, gateway: Front): Promise<void> {
  await upstream.requests[0]?.gone
  await exchanges(gateway, 0)
  expect(gateway.endpoint().active).toBe(0)
}

/** Comes back when so many exchanges are open. */
async function exchanges({ gateway }: Front, count: number): Promise<void> {
  while (gateway.exchanges !== count) await new Promise((resolve) => setImmediate(resolve))
}

async function* endless(): AsyncGenerator<string> {
  yield 'begun'
  await new Promise(() => undefined)
}

async function* flood(): AsyncGenerator<Buffer> {
  for (;;) {
    yield Buffer.alloc(65_536)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
