import { definePlugin } from '@gatewright/kernel'
import { startGateway, type TestGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { configFor, deadServer, dial, type Received, receive, startServer } from './servers.ts'

describe('a server that cannot be reached', () => {
  it('is passed over for another one', async () => {
    await using server = await startServer()
    const servers = [await deadServer(), await deadServer(), server.url]
    await using gateway = await startGateway(configFor(servers))

    const answers = [await ask(gateway), await ask(gateway), await ask(gateway)]

    expect(answers.map(({ text }) => text)).toEqual(['hello', 'hello', 'hello'])
  })

  it('closes the connection of its client if there is no other one', async () => {
    const dead = await deadServer()
    await using gateway = await startGateway(configFor([dead]))

    const answer = await ask(gateway)

    expect(answer).toMatchObject({ text: '', bytes: 0 })
    const [entry] = gateway.logs.find({ msg: 'connection failed' })
    expect(entry).toMatchObject({
      level: 'warn',
      code: 'GW_UPSTREAM_CONNECT',
      service: 'app',
      router: 'all',
      endpoint: dead,
    })
  })

  it('is tried once by a client, and so is each other one', async () => {
    const config = configFor([await deadServer(), await deadServer()])
    const attempts: (number | undefined)[] = []
    const counting = definePlugin({
      name: 'counting',
      setup({ hooks }) {
        hooks.finish.tap('counting', (exchange) => void attempts.push(exchange.attempts?.length))
      },
    })
    await using gateway = await startGateway(config, { plugins: [counting] })

    await ask(gateway)

    expect(attempts).toEqual([2])
  })

  it('is not passed over more often than connect_retries says', async () => {
    await using server = await startServer()
    const servers = [await deadServer(), await deadServer(), server.url]
    const balancer = { connect_retries: 0 }
    await using gateway = await startGateway(configFor(servers, { balancer }))

    const answers = [await ask(gateway), await ask(gateway), await ask(gateway)]

    expect(answers.map(({ text }) => text).toSorted()).toEqual(['', '', 'hello'])
  })

  it('counts as failed for passive_health, and gets no connections then', async () => {
    await using server = await startServer()
    const dead = await deadServer()
    const balancer = { passive_health: { error_threshold: 1, recovery: '1h' } }
    await using gateway = await startGateway(configFor([dead, server.url], { balancer }))

    for (let i = 0; i < 4; i++) await ask(gateway)

    expect(gateway.logs.find({ msg: 'server is unhealthy', endpoint: dead })).toHaveLength(1)
    expect(attemptsAt(gateway, dead)).toBe(0)
  })

  it('lets another service take over as soon as its health check says so', async () => {
    await using server = await startServer()
    const dead = await deadServer()
    const balancer = { passive_health: { error_threshold: 1, recovery: '1h' } }
    const app = {
      load_balancer: { servers: [{ url: dead }], ...balancer },
      failover: { service: 'spare' },
    }
    const spare = { load_balancer: { servers: [{ url: server.url }] } }
    const config = configFor([], { rest: { services: { app, spare } } })
    await using gateway = await startGateway(config)

    const answers = [await ask(gateway), await ask(gateway)]

    expect(answers.map(({ text }) => text)).toEqual(['hello', 'hello'])
  })

  it('may be one that does not answer within connect_timeout', async () => {
    await using server = await startServer()
    // Nobody is there (RFC 5737): what is sent there is lost, or refused by the network.
    const servers = ['tcp://192.0.2.1:9', server.url]
    const balancer = { connect_timeout: '50ms' }
    await using gateway = await startGateway(configFor(servers, { balancer }))

    const answers = [await ask(gateway), await ask(gateway)]

    expect(answers.map(({ text }) => text)).toEqual(['hello', 'hello'])
  })
})

describe('a server that is full', () => {
  it('gets no further connection', async () => {
    await using first = await startServer()
    await using second = await startServer()
    const balancer = { strategy: 'least-connections' }
    const config = configFor([first.url, second.url], { balancer })
    await using gateway = await startGateway(config)

    const clients = [await dial(gateway.port())]
    await vi.waitFor(() => expect(first.sockets.length + second.sockets.length).toBe(1))
    clients.push(await dial(gateway.port()))
    await vi.waitFor(() => expect(first.sockets.length + second.sockets.length).toBe(2))

    expect([first.sockets.length, second.sockets.length]).toEqual([1, 1])
    for (const client of clients) client.end()
  })
})

async function ask(gateway: TestGateway): Promise<Received> {
  const client = await dial(gateway.port())
  const received = receive(client)
  client.end('hello')
  const answer = await received
  await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  return answer
}

function attemptsAt(gateway: TestGateway, url: string): number | undefined {
  const pool = gateway.gateway.snapshot.services.get('app')?.pool
  return pool?.available.filter((endpoint) => endpoint.url.href === url).length
}
