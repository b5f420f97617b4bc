import { describe, expect, it } from 'vitest'
import { errors } from '../src/errors.ts'
import type { StreamContext } from '../src/exchange.ts'
import type { Plugin } from '../src/plugin.ts'
import type { Service } from '../src/service.ts'
import { MemoryGateway, plugin } from './support/memory-gateway.ts'
import type { MemoryExchange } from './support/memory-network.ts'
import { quietTunnel } from './support/memory-upstream.ts'

const names = ['a', 'b', 'c']

describe('a stream', () => {
  it('goes through balancer, upstream hook, transport and upstreamEnd hook', async () => {
    const trace: string[] = []
    await using memory = await startStreams([tracing(trace)])
    const { exchange, service } = await entered(memory)

    const tunnel = await service.connect(exchange.ctx)

    expect(trace).toEqual(['upstream 0 a.test', 'end 0 undefined'])
    expect(tunnel.socket.destroyed).toBe(false)
    expect(service.pool.all.map(({ active }) => active)).toEqual([1, 0, 0])
    exchange.finish()
    expect(service.pool.all.map(({ active }) => active)).toEqual([0, 0, 0])
  })

  it('tries each endpoint once, and fails with the last error', async () => {
    const trace: string[] = []
    await using memory = await startStreams([tracing(trace)])
    memory.upstream.connect = (_ctx, { endpoint }) => {
      throw errors.GW_UPSTREAM_CONNECT({ endpoint: endpoint.url.host, problem: 'refused' })
    }
    const { exchange, service } = await entered(memory)

    const connecting = service.connect(exchange.ctx)

    await expect(connecting).rejects.toThrow('connect to "c.test" failed: refused')
    expect(trace.filter((line) => line.startsWith('end'))).toEqual([
      'end 0 GW_UPSTREAM_CONNECT',
      'end 1 GW_UPSTREAM_CONNECT',
      'end 2 GW_UPSTREAM_CONNECT',
    ])
    expect(service.pool.all.map(({ active }) => active)).toEqual([0, 0, 0])
    exchange.finish()
  })

  it.each([
    ['as often as its transport allows', 1, errors.GW_UPSTREAM_CONNECT_TIMEOUT, 2],
    ['only if nothing came of the one before', Infinity, errors.GW_UPSTREAM_RESET, 1],
  ] as const)('tries another endpoint %s', async (_, maxRetries, makeError, tries) => {
    await using memory = await startStreams([], maxRetries)
    memory.upstream.connect = () => {
      throw makeError({ endpoint: 'x', timeoutMs: 1, problem: 'gone' })
    }
    const { exchange, service } = await entered(memory)

    await expect(service.connect(exchange.ctx)).rejects.toThrow('x')

    expect(exchange.ctx.attempts).toHaveLength(tries)
    exchange.finish()
  })

  it('fails if nobody is there for it', async () => {
    await using memory = await startStreams()
    const { exchange, service } = await entered(memory)
    for (const endpoint of service.pool.all) service.pool.setHealthy(endpoint, 'test', false)

    const connecting = service.connect(exchange.ctx)

    await expect(connecting).rejects.toMatchObject({ code: 'GW_SERVICE_UNAVAILABLE' })
    exchange.finish()
  })

  it('fails if a tap refuses the attempt', async () => {
    const refusing = plugin('refusing', ({ hooks }) =>
      hooks.upstream.tap('refusing', () => {
        throw new Error('not today')
      }),
    )
    await using memory = await startStreams([refusing])
    const { exchange, service } = await entered(memory)

    await expect(service.connect(exchange.ctx)).rejects.toThrow('not today')

    expect(service.pool.all.map(({ active }) => active)).toEqual([0, 0, 0])
    exchange.finish()
  })

  it('that was given up gets no connection, and leaves none behind', async () => {
    await using memory = await startStreams()
    const tunnel = quietTunnel()
    const arrived = Promise.withResolvers<typeof tunnel>()
    const asked = Promise.withResolvers<void>()
    memory.upstream.connect = () => {
      asked.resolve()
      return arrived.promise
    }
    const { exchange, service } = await entered(memory)

    const connecting = service.connect(exchange.ctx)
    await asked.promise
    memory.network.at('127.0.0.1:90').ingress.abort(exchange.ctx)
    arrived.resolve(tunnel)

    await expect(connecting).rejects.toMatchObject({ code: 'GW_CLIENT_ABORTED' })
    expect(tunnel.socket.destroyed).toBe(true)
    expect(exchange.ctx.attempts).toHaveLength(1)
    expect(service.pool.all.map(({ active }) => active)).toEqual([0, 0, 0])
  })
})

async function startStreams(
  plugins: readonly Plugin[] = [],
  maxRetries = Number.POSITIVE_INFINITY,
): Promise<MemoryGateway> {
  const memory = new MemoryGateway(plugins)
  memory.upstream.maxRetries = maxRetries
  await memory.gateway.start({
    entrypoints: { raw: { address: '127.0.0.1:90', protocol: 'tcp' } },
    routers: { raw: { rule: '*', service: 'app' } },
    services: {
      app: { load_balancer: { servers: names.map((name) => ({ url: `http://${name}.test` })) } },
    },
  })
  return memory
}

async function entered(
  memory: MemoryGateway,
): Promise<{ readonly exchange: MemoryExchange<StreamContext>; readonly service: Service }> {
  const exchange = memory.network.at('127.0.0.1:90').openStream()
  expect(await exchange.refusal).toBeUndefined()
  const service = memory.gateway.snapshot.services.get('app')
  if (service === undefined) throw new Error('there is no service')
  return { exchange, service }
}

function tracing(trace: string[]): Plugin {
  return plugin('trace', ({ hooks }) => {
    hooks.upstream.tap('trace', (_exchange, { index, endpoint }) => {
      trace.push(`upstream ${index} ${endpoint.url.host}`)
    })
    hooks.upstreamEnd.tap('trace', (_exchange, { index, error }) => {
      trace.push(`end ${index} ${error?.code}`)
    })
  })
}
