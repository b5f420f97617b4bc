import { startGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { configFor, deadServer, echo, named, Peer } from './datagrams.ts'

describe('a server that nobody listens at', () => {
  it('ends the session, and the next datagram begins another one', async () => {
    const { url, port } = await deadServer()
    await using gateway = await startGateway(configFor([url]))
    await using client = await Peer.open()

    client.send('lost', gateway.port())
    await vi.waitFor(() => expect(gateway.logs.find({ ending: 'upstream' })).toHaveLength(1))
    await using server = await Peer.open(echo, '127.0.0.1', port)

    expect(await client.askAgain('hello', gateway.port())).toBe('hello')
    expect(await server.text()).toBe('hello')
    expect(gateway.logs.find({ msg: 'session failed' })).toMatchObject([
      { level: 'warn', code: 'GW_UPSTREAM_CONNECT', service: 'app', router: 'all', endpoint: url },
    ])
  })

  it('counts as failed for passive_health, and gets no sessions then', async () => {
    await using server = await Peer.open(echo)
    const dead = await deadServer()
    const balancer = { passive_health: { error_threshold: 2, recovery: '1h' } }
    await using gateway = await startGateway(configFor([dead.url, server.url], { balancer }))

    for (let i = 0; i < 6; i++) {
      await using client = await Peer.open()
      expect(await client.askAgain('hello', gateway.port())).toBe('hello')
    }

    expect(gateway.logs.find({ msg: 'server is unhealthy', endpoint: dead.url })).toHaveLength(1)
    const pool = gateway.gateway.snapshot.services.get('app')?.pool
    expect(pool?.available.map(({ url }) => url.href)).toEqual([server.url])
  })

  it('lets another service take over', async () => {
    await using server = await Peer.open(echo)
    const dead = await deadServer()
    const passive = { passive_health: { error_threshold: 1, recovery: '1h' } }
    const app = {
      load_balancer: { servers: [{ url: dead.url }], ...passive },
      failover: { service: 'spare' },
    }
    const spare = { load_balancer: { servers: [{ url: server.url }] } }
    const config = configFor([], { rest: { services: { app, spare } } })
    await using gateway = await startGateway(config)
    await using client = await Peer.open()

    expect(await client.askAgain('hello', gateway.port())).toBe('hello')
  })
})

describe('a server that has become unhealthy', () => {
  it('loses its sessions to another one, however long they are', async () => {
    await using first = await Peer.open(named('first'))
    await using second = await Peer.open(named('second'))
    await using gateway = await startGateway(configFor([first.url, second.url]))
    await using client = await Peer.open()
    const before = await client.ask('x', gateway.port())
    const [name] = before.split(':')
    const pool = gateway.gateway.snapshot.services.get('app')?.pool
    const url = name === 'first' ? first.url : second.url
    const endpoint = pool?.all.find((one) => one.url.href === url)

    if (endpoint !== undefined) pool?.setHealthy(endpoint, 'test', false)
    const after = await client.ask('x', gateway.port())

    expect([before, after].toSorted()).toEqual(['first:x', 'second:x'])
    expect(gateway.logs.find({ ending: 'unhealthy' })).toHaveLength(1)
    expect(endpoint?.active).toBe(0)
  })

  it('keeps its sessions if there is no other one', async () => {
    await using server = await Peer.open(echo)
    await using gateway = await startGateway(configFor([server.url]))
    await using client = await Peer.open()
    await client.ask('hello', gateway.port())
    const pool = gateway.gateway.snapshot.services.get('app')?.pool
    const [endpoint] = pool?.all ?? []

    if (endpoint !== undefined) pool?.setHealthy(endpoint, 'test', false)

    expect(await client.ask('again', gateway.port())).toBe('again')
  })
})

describe('a session', () => {
  it('counts at its server until it ends', async () => {
    await using first = await Peer.open(named('first'))
    await using second = await Peer.open(named('second'))
    const balancer = { strategy: 'least-connections' }
    await using gateway = await startGateway(configFor([first.url, second.url], { balancer }))
    const clients = [await Peer.open(), await Peer.open(), await Peer.open(), await Peer.open()]

    const answers: string[] = []
    for (const client of clients) answers.push(await client.ask('x', gateway.port()))

    expect(answers.toSorted()).toEqual(['first:x', 'first:x', 'second:x', 'second:x'])
    const pool = gateway.gateway.snapshot.services.get('app')?.pool
    expect(pool?.all.map(({ active }) => active)).toEqual([2, 2])
    for (const client of clients) await client[Symbol.asyncDispose]()
  })
})
