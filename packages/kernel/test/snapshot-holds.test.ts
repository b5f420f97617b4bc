import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { GatewayConfigInput } from '../src/config.ts'
import type { Plugin } from '../src/plugin.ts'
import { GatewayResponse } from '../src/response.ts'
import {
  type MemoryGateway,
  middlewaresOf,
  plainConfig,
  plugin,
  service,
  startMemory,
} from './support/memory-gateway.ts'
import type { MemoryExchange } from './support/memory-network.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

/** What else may change while the router `app` stays what it is. */
const unrelated: readonly [what: string, change: GatewayConfigInput][] = [
  ['nothing', {}],
  ['another router', { routers: routers({ other: { rule: '/new', service: 'spare' } }) }],
  ['another service', { services: services({ unused: service('http://new.test') }) }],
  ['another middleware', { middlewares: middlewares({ unused: { type: 'pass', dry_run: true } }) }],
  ['an entrypoint', { entrypoints: { web: { address: '127.0.0.1:80', greeting: 'hi' } } }],
  [
    'one more entrypoint',
    { entrypoints: { web: { address: '127.0.0.1:80' }, new: { address: '127.0.0.1:81' } } },
  ],
  [
    'the order of its keys',
    { routers: { app: { middlewares: ['a'], service: 'app', rule: '/' } } },
  ],
]

/** What makes the router `app` another one. */
const related: readonly [what: string, change: GatewayConfigInput][] = [
  ['the router', { routers: { app: { rule: '/x', service: 'app', middlewares: ['a'] } } }],
  ['the router is gone', { routers: {} }],
  ['its middleware', { middlewares: middlewares({ a: { type: 'pass', skip_paths: ['/x'] } }) }],
  ['its service', { services: services({ app: mirrored('http://other.test') }) }],
  [
    'a service that its service names',
    { services: services({ shadow: service('http://new.test') }) },
  ],
]

describe('an exchange whose response stands', () => {
  it.each(unrelated)(
    'is passed on if a reload changes something else: %s',
    async (_what, change) => {
      await using memory = await startMemory(config(), [plugins])
      const exchange = await streaming(memory)
      const asked = vi.fn<() => void>()
      exchange.ctx.onDrain(asked)

      await memory.reload(config({ ...change, shutdown_timeout_secs: 5 }))
      expect([memory.gateway.liveSnapshots, memory.gateway.exchanges]).toEqual([1, 1])
      await vi.advanceTimersByTimeAsync(60_000)

      expect(exchange.ctx.abortedBy).toBeUndefined()
      expect(asked).not.toHaveBeenCalled()
      expect(exchange.ctx.snapshot.version).toBe(1)
      exchange.finish()
      expect(memory.gateway.exchanges).toBe(0)
    },
  )

  it.each(related)(
    'is drained and at the bound aborted if it is concerned: %s',
    async (_what, change) => {
      await using memory = await startMemory(config(), [plugins])
      const exchange = await streaming(memory)
      const deferred: string[] = []
      exchange.ctx.defer(() => deferred.push('done'))
      const asked = vi.fn<() => void>()
      exchange.ctx.onDrain(asked)

      await memory.reload(config({ ...change, shutdown_timeout_secs: 5 }))
      expect(memory.gateway.liveSnapshots).toBe(2)
      expect(asked).toHaveBeenCalledTimes(1)
      await vi.advanceTimersByTimeAsync(4999)
      expect(exchange.ctx.abortedBy).toBeUndefined()
      await vi.advanceTimersByTimeAsync(1)

      expect(exchange.ctx.abortedBy).toMatchObject({
        code: 'GW_DRAINING',
        status: 503,
        kind: { publicMessage: 'Gateway is replacing this route' },
      })
      expect(deferred).toEqual(['done'])
      expect([memory.gateway.liveSnapshots, memory.gateway.exchanges]).toEqual([1, 0])
    },
  )

  it('is asked to end when the gateway stops, and may do so', async () => {
    await using memory = await startMemory(config(), [plugins])
    const exchange = await streaming(memory)
    const late = vi.fn<() => void>()
    exchange.ctx.onDrain(() => exchange.finish())

    await memory.gateway.shutdown()
    exchange.ctx.onDrain(late)

    expect(exchange.ctx.abortedBy).toBeUndefined()
    expect(late).toHaveBeenCalledTimes(1)
  })

  it('may end by itself before the bound', async () => {
    await using memory = await startMemory(config(), [plugins])
    const exchange = await streaming(memory)
    await memory.reload(config({ routers: {} }))

    exchange.finish()
    await vi.advanceTimersByTimeAsync(0)

    expect(memory.gateway.liveSnapshots).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is passed on again and again, until something concerns it', async () => {
    await using memory = await startMemory(config(), [plugins])
    const exchange = await streaming(memory)

    for (let i = 0; i < 5; i++) {
      await memory.reload(
        config({ routers: routers({ other: { rule: `/${i}`, service: 'spare' } }) }),
      )
      expect(memory.gateway.liveSnapshots).toBe(1)
    }
    await memory.reload(config({ routers: {}, shutdown_timeout_secs: 5 }))
    expect(memory.gateway.liveSnapshots).toBe(2)
    await vi.advanceTimersByTimeAsync(5000)

    expect(exchange.ctx.abortedBy?.code).toBe('GW_DRAINING')
    expect(memory.gateway.liveSnapshots).toBe(1)
  })

  it('is passed on when what it began with is configured again', async () => {
    await using memory = await startMemory(config(), [plugins])
    const exchange = await streaming(memory)

    await memory.reload(config({ routers: {}, shutdown_timeout_secs: 5 }))
    expect(memory.gateway.liveSnapshots).toBe(2)
    await memory.reload(config())
    expect(memory.gateway.liveSnapshots).toBe(1)
    await vi.advanceTimersByTimeAsync(60_000)

    expect(exchange.ctx.abortedBy).toBeUndefined()
    exchange.finish()
  })

  it('without a route is passed on', async () => {
    await using memory = await startMemory(config(), [plugins])
    const exchange = memory.web.open({ target: 'nowhere' })
    expect((await exchange.answer).status).toBe(404)

    await memory.reload(config({ routers: {} }))

    expect(memory.gateway.liveSnapshots).toBe(1)
    exchange.finish()
  })

  it('still runs its deferred work and counts on its endpoint when it has been passed on', async () => {
    await using memory = await startMemory(config(), [plugins])
    const exchange = await streaming(memory)
    const endpoint = exchange.ctx.attempts?.[0]?.endpoint
    await memory.reload(config())
    expect(memory.gateway.snapshot.services.get('app')?.pool.all[0]).toBe(endpoint)
    expect(endpoint?.active).toBe(1)

    exchange.finish()

    expect(endpoint?.active).toBe(0)
    expect(memory.gateway.exchanges).toBe(0)
  })
})

describe('an exchange whose response does not stand yet', () => {
  it('keeps its snapshot, and is passed on once the response stands', async () => {
    await using memory = await startMemory(config(), [plugins])
    const gate = Promise.withResolvers<GatewayResponse>()
    memory.upstream.respond = () => gate.promise
    const exchange = memory.web.open()

    await memory.reload(config({ shutdown_timeout_secs: 5 }))
    await vi.advanceTimersByTimeAsync(60_000)
    expect([memory.gateway.liveSnapshots, exchange.ctx.abortedBy]).toEqual([2, undefined])
    const asked = vi.fn<() => void>()
    exchange.ctx.onDrain(asked)
    gate.resolve(new GatewayResponse({ status: 200 }))
    await exchange.answer

    expect(asked).not.toHaveBeenCalled()
    expect(memory.gateway.liveSnapshots).toBe(1)
    expect(memory.gateway.exchanges).toBe(1)
    exchange.finish()
  })

  it('is aborted at the bound if it is concerned', async () => {
    await using memory = await startMemory(config(), [plugins])
    memory.upstream.respond = (ctx) =>
      new Promise((_resolve, reject) => {
        ctx.interruptible = { interrupt: reject }
      })
    const exchange = memory.web.open()

    await memory.reload(config({ routers: {}, shutdown_timeout_secs: 5 }))
    await vi.advanceTimersByTimeAsync(5000)

    expect((await exchange.answer).error?.code).toBe('GW_DRAINING')
    expect(memory.gateway.liveSnapshots).toBe(1)
  })

  it('holds nothing once it has ended without one', async () => {
    await using memory = await startMemory(config(), [plugins])
    const gate = Promise.withResolvers<GatewayResponse>()
    memory.upstream.respond = () => gate.promise
    const exchange = memory.web.open()
    await memory.reload(config({ routers: {} }))

    exchange.finish()
    expect(memory.gateway.liveSnapshots).toBe(1)
    gate.resolve(new GatewayResponse({ status: 200 }))
    await exchange.answer

    expect(memory.gateway.exchanges).toBe(0)
    await memory.reload(config())
    expect(memory.gateway.liveSnapshots).toBe(1)
  })
})

describe('an exchange that has ended', () => {
  it('holds nothing, even if its protocol says late that it stands', async () => {
    await using memory = await startMemory(config(), [plugins])
    const exchange = memory.web.open()
    await exchange.read()
    await memory.reload(config())

    memory.web.ingress.establish(exchange.ctx)

    expect(memory.gateway.exchanges).toBe(0)
  })
})

describe('a tunnel', () => {
  it('is passed on once it stands', async () => {
    const streams = plainConfig({
      entrypoints: { raw: { address: '127.0.0.1:90', protocol: 'tcp' } },
      routers: { raw: { rule: '*', service: 'app' } },
    })
    await using memory = await startMemory(streams)
    const server = memory.network.at('127.0.0.1:90')
    const exchange = server.openStream()
    expect(await exchange.refusal).toBeUndefined()
    const attempt = memory.gateway.snapshot.services.get('app')?.begin(exchange.ctx)
    expect(attempt?.endpoint.active).toBe(1)

    server.ingress.establish(exchange.ctx)
    await memory.reload(streams)
    expect(memory.gateway.liveSnapshots).toBe(1)
    await memory.reload({ ...streams, shutdown_timeout_secs: 5, routers: {} })
    await vi.advanceTimersByTimeAsync(5000)

    expect(exchange.ctx.abortedBy?.code).toBe('GW_DRAINING')
    expect(attempt?.endpoint.active).toBe(0)
  })
})

const plugins: Plugin = plugin('plugins', (gateway) => {
  const passing = middlewaresOf({ pass: () => ({ onRequest: () => undefined }) })
  void passing.setup(gateway, undefined)
  gateway.serviceFeatures.register({
    type: 'mirror',
    parent: 'service',
    stage: 0,
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        to: {
          type: 'array',
          items: { type: 'string', 'x-gatewright-ref': 'service' },
          description: 'Where copies go.',
        },
      },
    },
    create: () => ({}),
  })
})

function config(change: GatewayConfigInput = {}): GatewayConfigInput {
  return plainConfig({
    routers: routers({}),
    middlewares: middlewares({}),
    services: services({}),
    ...change,
  })
}

function routers(change: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    app: { rule: '/', service: 'app', middlewares: ['a'] },
    other: { rule: '/other', service: 'spare' },
    ...change,
  }
}

function middlewares(change: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { a: { type: 'pass' }, unused: { type: 'pass' }, ...change }
}

function services(change: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    app: mirrored('http://app.test'),
    shadow: service('http://shadow.test'),
    spare: service('http://spare.test'),
    ...change,
  }
}

function mirrored(url: string): Readonly<Record<string, unknown>> {
  return { ...service(url), mirror: { to: ['spare', 'shadow'] } }
}

/** An exchange whose response head has been sent and whose body goes on. */
async function streaming(memory: MemoryGateway): Promise<MemoryExchange> {
  const exchange = memory.web.open()
  expect((await exchange.answer).status).toBe(200)
  return exchange
}
