import { once } from 'node:events'
import { connect as connectSocket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { after, chunked, connect, hang, reply, request, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { configFor, startBehind } from './behind.ts'

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
const get2 = 'GET /2 HTTP/1.1\r\nHost: h\r\n\r\n'

describe('a reload', () => {
  it('keeps connections, which use the new configuration from the next request on', async () => {
    await using before = await startUpstream(reply(200, {}, 'before'))
    await using afterwards = await startUpstream(reply(200, {}, 'after'))
    await using gateway = await startBehind(before)
    using client = await gateway.connect()

    await client.send(get)
    const first = await client.readResponse()
    await gateway.reload(configFor(afterwards.url))
    await client.send(get)
    const second = await client.readResponse()

    expect([first.text, second.text]).toEqual(['before', 'after'])
  })

  it('keeps connections to servers that stay', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)

    await gateway.request('/')
    const config = configFor(upstream.url)
    await gateway.reload({
      ...config,
      routers: { other: { rule: 'PathPrefix(`/`)', service: 'app' } },
    })
    await gateway.request('/')

    expect(upstream.connections.total).toBe(1)
  })

  it('lets what is under way end as it began', async () => {
    const gate = Promise.withResolvers<void>()
    await using before = await startUpstream(after(gate.promise, reply(200, {}, 'before')))
    await using afterwards = await startUpstream()
    await using gateway = await startBehind(before)
    using client = await gateway.connect()

    await client.send(get)
    await before.nextRequest()
    await gateway.reload(configFor(afterwards.url))
    gate.resolve()

    expect((await client.readResponse()).text).toBe('before')
  })

  it('applies other limits to connections that come afterwards', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using early = await gateway.connect()
    await early.send(get)
    await early.readResponse()
    const large = `GET / HTTP/1.1\r\nHost: h\r\nX-Large: ${'x'.repeat(2000)}\r\n\r\n`

    const entrypoint = { http: { max_header_bytes: '1KiB' } }
    await gateway.reload(configFor(upstream.url, { entrypoint }))
    using late = await gateway.connect()
    await early.send(large)
    await late.send(large)

    expect((await early.readResponse()).status).toBe(200)
    expect((await late.readResponse()).status).toBe(431)
  })

  it('to another address closes the old one and ends its connections in order', async () => {
    const gate = Promise.withResolvers<void>()
    await using upstream = await startUpstream([reply(), after(gate.promise, reply(200, {}, 'x'))])
    await using gateway = await startBehind(upstream)
    const oldPort = gateway.port()
    using idle = await gateway.connect()
    await idle.send(get)
    await idle.readResponse()
    using busy = await gateway.connect()
    await busy.send(get)
    await upstream.nextRequest()
    await upstream.nextRequest()

    await gateway.reload(configFor(upstream.url, { address: '127.0.0.2:0' }))

    expect(await idle.readToEnd()).toHaveLength(0)
    await expect(connect(oldPort)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    gate.resolve()
    expect((await busy.readResponse()).headers['connection']).toBe('close')
    expect(await busy.closed()).toBe('end')
  })

  it('that is refused leaves the listener as it was', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    const port = gateway.port()
    const wild = configFor(upstream.url, { address: `0.0.0.0:${port}` })
    const taken = { address: `127.0.0.1:${upstream.port}` }

    await expect(
      gateway.reload({ ...wild, entrypoints: { ...Object(wild['entrypoints']), taken } }),
    ).rejects.toMatchObject({ code: 'GW_ADDRESS_IN_USE' })

    expect((await request(`http://127.0.0.1:${port}/`)).status).toBe(200)
  })
})

describe('a gateway that stops', () => {
  it('closes connections without a request at once', async () => {
    await using upstream = await startUpstream()
    const gateway = await startBehind(upstream)
    using fresh = await gateway.connect()
    using used = await gateway.connect()
    await used.send(get)
    await used.readResponse()

    await gateway.close()

    expect(await fresh.readToEnd()).toHaveLength(0)
    expect(await used.readToEnd()).toHaveLength(0)
    await vi.waitFor(() => expect(upstream.connections.open).toBe(0))
  })

  it('lets responses end and says that the connection closes', async () => {
    const gate = Promise.withResolvers<void>()
    await using upstream = await startUpstream(after(gate.promise, reply(200, {}, 'whole')))
    const gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(get + get2)
    await upstream.nextRequest()
    const closed = gateway.close()
    gate.resolve()
    const response = await client.readResponse()

    expect(response.text).toBe('whole')
    expect(response.headers['connection']).toBe('close')
    expect(await client.readToEnd()).toHaveLength(0)
    await closed
    expect(upstream.requests).toHaveLength(1)
  })

  it('lets a stream that has begun end, and closes its connection', async () => {
    const gate = Promise.withResolvers<void>()
    async function* pieces(): AsyncGenerator<string> {
      yield 'begun '
      await gate.promise
      yield 'ended'
    }
    await using upstream = await startUpstream(chunked(200, {}, pieces))
    const gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(get)
    const head = await client.readHead()
    const closed = gateway.close()
    gate.resolve()
    let text = ''
    await client.readBody(head, (bytes) => {
      text += bytes.toString()
    })

    expect(text).toBe('begun ended')
    expect(await client.closed()).toBe('end')
    await closed
  })

  it('tells those whose time is up why they get no response', async () => {
    await using upstream = await startUpstream(hang())
    const gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(get)
    await upstream.nextRequest()
    const closed = gateway.close()
    const response = await client.readResponse()

    expect(response.status).toBe(503)
    expect(response.headers['connection']).toBe('close')
    expect(response.json()).toMatchObject({ code: 'GW_DRAINING', error: 'Gateway shutting down' })
    await closed
    expect(gateway.logs.find({ code: 'GW_DRAINING' })).toHaveLength(1)
  })

  it('resets streams whose time is up', async () => {
    await using upstream = await startUpstream(chunked(200, {}, endless))
    const gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(get)
    await client.readHead()
    await gateway.close()

    expect(await client.closed()).toBe('reset')
    await (await upstream.nextRequest()).gone
  })

  it('takes no further connection', async () => {
    await using upstream = await startUpstream()
    const gateway = await startBehind(upstream)
    const port = gateway.port()

    await gateway.close()

    await expect(connect(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})

describe('an address', () => {
  it.skipIf(!hasIpv6())('of IPv6 is listened on, and clients have one too', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, { address: '[::1]:0' })
    const socket = connectSocket({ host: '::1', port: gateway.port() })

    socket.write(get)
    const [response] = await once(socket, 'data')
    socket.destroy()

    expect(String(response)).toContain('HTTP/1.1 200 OK')
    expect(upstream.requests[0]?.headers['x-forwarded-for']).toBe('::1')
  })

  it('without a host means all of them', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, { address: ':0' })

    await gateway.request('/')

    // An address of IPv4, though the socket may be one of IPv6.
    expect(upstream.requests[0]?.headers['x-forwarded-for']).toBe('127.0.0.1')
  })

  it('that is in use is refused', async () => {
    await using upstream = await startUpstream()

    await expect(
      startBehind(upstream, { address: `127.0.0.1:${upstream.port}` }),
    ).rejects.toMatchObject({ code: 'GW_ADDRESS_IN_USE' })
  })
})

describe('a server with an address of IPv6', () => {
  it.skipIf(!hasIpv6())('is reached', async () => {
    await using upstream = await startUpstream()
    await using front = await startBehind(upstream, { address: '[::1]:0' })
    await using gateway = await startBehind({ url: `http://[::1]:${front.port()}` })

    expect((await gateway.request('/')).status).toBe(200)
    expect(upstream.requests).toHaveLength(1)
  })
})

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === '::1'),
  )
}

async function* endless(): AsyncGenerator<string> {
  yield 'begun'
  await new Promise(() => undefined)
}
