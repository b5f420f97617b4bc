import { definePlugin, type Exchange } from '@gatewright/kernel'
import { startGateway, type TestGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { configFor, deadServer, dial, type Received, receive, startServer } from './servers.ts'

describe('a service of connections', () => {
  it.each([
    'round-robin',
    'weighted',
    'least-connections',
    'random',
    'random-two-choices',
    'consistent-hash',
    'ip-hash',
    'least-latency',
  ])('can have the strategy %s', async (strategy) => {
    await using first = await startServer()
    await using second = await startServer()
    const servers = [first.url, second.url, await deadServer()]
    await using gateway = await startGateway(configFor(servers, { balancer: { strategy } }))

    const answers: string[] = []
    for (let i = 0; i < 6; i++) answers.push((await ask(gateway)).text)

    expect(answers).toEqual(Array(6).fill('hello'))
  })

  it('can have its servers checked', async () => {
    await using server = await startServer()
    const dead = await deadServer()
    const balancer = { health_check: { mode: 'tcp', interval: '20ms', unhealthy_threshold: 1 } }
    await using gateway = await startGateway(configFor([dead, server.url], { balancer }))

    await vi.waitFor(() =>
      expect(gateway.logs.find({ msg: 'server is unhealthy', endpoint: dead })).toHaveLength(1),
    )

    expect((await ask(gateway)).text).toBe('hello')
    expect(gateway.logs.find({ code: 'GW_UPSTREAM_CONNECT' })).toEqual([])
  })
})

describe('what plugins can know of a connection that has ended', () => {
  it('is how many bytes it carried, and where', async () => {
    await using server = await startServer((socket) => {
      socket.on('end', () => socket.end('goodbye'))
      socket.resume()
    })
    const seen = Promise.withResolvers<Exchange>()
    const config = configFor([server.url])
    await using gateway = await startGateway(config, { plugins: [observing(seen.resolve)] })

    await ask(gateway)

    const exchange = await seen.promise
    expect(exchange).toMatchObject({ received: 5, sent: 7 })
    expect(exchange.attempts?.map(({ endpoint, error }) => [endpoint.url.href, error])).toEqual([
      [server.url, undefined],
    ])
  })

  it('is that its server broke off, which is no verdict on that', async () => {
    await using server = await startServer((socket) => {
      socket.once('data', () => socket.resetAndDestroy())
    })
    const seen = Promise.withResolvers<Exchange>()
    const balancer = { passive_health: { error_threshold: 1 } }
    const config = configFor([server.url], { balancer })
    await using gateway = await startGateway(config, { plugins: [observing(seen.resolve)] })

    await ask(gateway)

    const { attempts } = await seen.promise
    expect(attempts?.[0]?.error?.code).toBe('GW_UPSTREAM_RESET')
    expect(gateway.logs.find({ msg: 'server is unhealthy' })).toEqual([])
  })

  it('is that its client broke off', async () => {
    await using server = await startServer()
    const seen = Promise.withResolvers<Exchange>()
    const config = configFor([server.url])
    await using gateway = await startGateway(config, { plugins: [observing(seen.resolve)] })
    const client = await dial(gateway.port())
    await server.next()

    client.resetAndDestroy()

    expect((await seen.promise).abortedBy?.code).toBe('GW_CLIENT_ABORTED')
  })
})

async function ask(gateway: TestGateway): Promise<Received> {
  const client = await dial(gateway.port())
  const received = receive(client)
  client.end('hello')
  return received
}

function observing(onFinish: (exchange: Exchange) => void): ReturnType<typeof definePlugin> {
  return definePlugin({
    name: 'observing',
    setup({ hooks }) {
      hooks.finish.tap('observing', onFinish)
    },
  })
}
