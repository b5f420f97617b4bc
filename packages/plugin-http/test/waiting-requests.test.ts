import { after, hang, reply, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { deadlines } from '../src/environment.ts'
import { startBehind } from './behind.ts'

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

describe('requests to a server that has no connection to spare', () => {
  it('wait as far as they may; one more gets 503 at once and keeps its connection', async () => {
    const gate = Promise.withResolvers<void>()
    await using upstream = await startUpstream(after(() => gate.promise, reply(200, {}, 'done')))
    await using gateway = await startBehind(upstream, {
      balancer: { max_connections_per_server: 1, max_waiting_per_server: 1 },
    })
    using first = await gateway.connect()
    using second = await gateway.connect()
    using third = await gateway.connect()
    await first.send(get)
    await upstream.nextRequest()
    await second.send(get)
    await third.send(get)

    // Which of the two came first is not known.
    const refused = await Promise.race(
      [second, third].map(async (client) => ({ client, response: await client.readResponse() })),
    )
    gate.resolve()
    await first.readResponse()
    await refused.client.send(get)
    const served = await refused.client.readResponse()

    expect(refused.response.status).toBe(503)
    expect(refused.response.headers).toMatchObject({ 'retry-after': '1' })
    expect(refused.response.json()).toMatchObject({
      code: 'GW_UPSTREAM_BUSY',
      error: 'Backends at capacity',
    })
    expect(served.text).toBe('done')
  })

  it('wait no longer than connect_timeout', async () => {
    await using upstream = await startUpstream(hang())
    await using gateway = await startBehind(upstream, {
      balancer: { max_connections_per_server: 1, connect_timeout: '4s' },
    })
    using first = await gateway.connect()
    using second = await gateway.connect()
    await first.send(get)
    await upstream.nextRequest()

    await second.send(get)
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(2))
    deadlines.sweep(deadlines.later(4001))

    expect((await second.readResponse()).status).toBe(503)
  })

  it('have their part of the room in each of several processes', async () => {
    await using upstream = await startUpstream(hang())
    await using gateway = await startBehind(upstream, {
      share: 0.5,
      balancer: { max_connections_per_server: 2, max_waiting_per_server: 0 },
    })
    using first = await gateway.connect()
    await first.send(get)
    await upstream.nextRequest()

    expect((await gateway.request('/')).status).toBe(503)
  })
})
