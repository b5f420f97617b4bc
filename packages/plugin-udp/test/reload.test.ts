import { startGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { configFor, echo, named, Peer } from './datagrams.ts'

const unused = { middlewares: { unused: { type: 'ip-allow', allowed_ips: ['127.0.0.1'] } } }

describe('a reload', () => {
  it('leaves sessions alone whose route is the same', async () => {
    await using server = await Peer.open(echo)
    const config = configFor([server.url])
    await using gateway = await startGateway(config)
    const port = gateway.port()
    await using client = await Peer.open()
    await client.ask('before', port)
    const { from: before } = await server.next()

    await gateway.reload({ ...config, ...unused })
    client.send('after', port)
    const { from: after } = await server.next()

    expect(await client.text()).toBe('after')
    expect(gateway.port()).toBe(port)
    expect(after.port).toBe(before.port)
    // Nothing of the configuration before is left, though the session began with it.
    expect(gateway.gateway.liveSnapshots).toBe(1)
  })

  it('gives those whose route changed a bounded time', async () => {
    await using a = await Peer.open(named('a'))
    await using b = await Peer.open(named('b'))
    const rest = { shutdown_timeout_secs: 1 }
    await using gateway = await startGateway(configFor([a.url], { rest }))
    await using client = await Peer.open()
    await using other = await Peer.open()
    await client.ask('x', gateway.port())

    await gateway.reload(configFor([b.url], { rest }))
    expect(await other.ask('x', gateway.port())).toBe('b:x')

    await vi.waitFor(() => expect(gateway.gateway.liveSnapshots).toBe(1), { timeout: 5000 })
    expect(await client.ask('x', gateway.port())).toBe('b:x')
  })

  it('ends those of an entrypoint that is gone', async () => {
    await using server = await Peer.open(echo)
    const config = configFor([server.url])
    await using gateway = await startGateway(config)
    await using client = await Peer.open()
    await client.ask('before', gateway.port())

    const entrypoints = { elsewhere: { protocol: 'udp', address: '127.0.0.1:0' } }
    await gateway.reload({ ...config, entrypoints })

    expect(await client.ask('after', gateway.port('elsewhere'))).toBe('after')
    expect(gateway.logs.find({ msg: 'session ended', ending: 'drained' })).toHaveLength(1)
  })

  it('holds for the sessions that come after it, at the same address', async () => {
    await using server = await Peer.open(echo)
    const config = configFor([server.url])
    await using gateway = await startGateway(config)
    await using client = await Peer.open()
    await client.ask('before', gateway.port())

    await gateway.reload(configFor([server.url], { entrypoint: { udp_responses: 1 } }))
    await using next = await Peer.open()
    await next.ask('hello', gateway.port())

    expect(gateway.logs.find({ msg: 'session ended', ending: 'complete' })).toHaveLength(1)
  })
})
