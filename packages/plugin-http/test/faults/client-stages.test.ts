import {
  chunked,
  hang,
  type RawClient,
  raw,
  startUpstream,
  type Upstream,
} from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { type Front, startBehind } from '../behind.ts'

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
