import { describe, expect, it } from 'vitest'
import { ContextKey } from '../src/exchange.ts'
import { GatewayResponse } from '../src/response.ts'
import type { OptionsSchema } from '../src/schema.ts'
import type { ServiceFeature, ServiceFeatureFactory } from '../src/service.ts'
import { plainConfig, plugin, startMemory } from './support/memory-gateway.ts'

describe('the features of a service', () => {
  it('stand around each other by stage, those of load_balancer included', async () => {
    const trace: string[] = []
    const wrap = (name: string): ServiceFeature => ({
      around: (ctx, next) => {
        trace.push(name)
        return next(ctx)
      },
      wrapBalancer: (inner) => ({
        pick: (pool, exchange) => {
          trace.push(`pick ${name}`)
          return inner.pick(pool, exchange)
        },
      }),
    })
    const plugins = plugin('features', ({ serviceFeatures }) => {
      serviceFeatures.register(feature('inner', wrap('inner'), 100, 'service'))
      serviceFeatures.register(feature('outer', wrap('outer'), -100, 'load_balancer'))
      serviceFeatures.register(feature('middle', wrap('middle'), 0, 'service'))
    })
    const service = {
      inner: {},
      middle: {},
      load_balancer: { servers: [{ url: 'http://app.test' }], outer: {} },
    }
    await using memory = await startMemory({ services: { app: service } }, [plugins])

    await memory.send()

    expect(trace).toEqual(['outer', 'middle', 'inner', 'pick outer', 'pick middle', 'pick inner'])
  })

  it('may begin attempts of another service, for every protocol', async () => {
    const plugins = plugin('failover', ({ serviceFeatures }) =>
      serviceFeatures.register({
        ...feature('failover', {}, 0, 'service'),
        create: (_options, _service, scope) => ({
          begin: (exchange, inner) => inner(exchange) ?? scope.service('spare').begin(exchange),
        }),
      }),
    )
    await using memory = await startMemory(
      {
        services: {
          app: { ...dead, failover: {} },
          spare: { load_balancer: { servers: [{ url: 'http://spare.test' }] } },
        },
      },
      [plugins],
    )
    memory.gateway.snapshot.services.get('app')?.pool.update([])

    expect(await memory.send()).toMatchObject({ status: 200, body: 'spare says hello' })
  })

  it('look at the responses of their own servers, before anything else does', async () => {
    const seen: string[] = []
    const looking = feature('looking', {}, 0, 'service')
    const plugins = plugin('features', ({ serviceFeatures }) => {
      serviceFeatures.register({
        ...looking,
        create: (_options, service, scope) => ({
          begin: (exchange, inner) => inner(exchange) ?? scope.service('spare').begin(exchange),
          around: async (ctx, next) => {
            const response = await next(ctx)
            seen.push(`around ${service.name} after ${response.headers.get('x-seen')}`)
            return response
          },
          onResponse: (_ctx, { endpoint }, response) => {
            seen.push(`${service.name} of ${endpoint.url.host}`)
            response.headers.set('x-seen', service.name)
            throw new Error('which costs nothing')
          },
        }),
      })
    })
    const spare = { load_balancer: { servers: [{ url: 'http://spare.test' }] }, looking: {} }
    await using memory = await startMemory({ services: { app: { ...dead, looking: {} }, spare } }, [
      plugins,
    ])
    memory.gateway.snapshot.services.get('app')?.pool.update([])

    const response = await memory.send()

    expect(response).toMatchObject({ status: 200, body: 'spare says hello' })
    expect(seen).toEqual(['spare of spare.test', 'around app after spare'])
  })

  it('stand aside for what a feature of another service sends directly', async () => {
    const trace: string[] = []
    const never = feature('never', {}, 0, 'service')
    const plugins = plugin('features', ({ hooks, serviceFeatures }) => {
      hooks.upstream.tap('trace', (_exchange, { endpoint }) => void trace.push(endpoint.url.host))
      serviceFeatures.register({
        ...feature('elsewhere', {}, 0, 'service'),
        create: (_options, _service, scope) => {
          // Kept before the other service is complete.
          const { direct } = scope.service('spare')
          return { around: (ctx) => direct(ctx) }
        },
      })
      serviceFeatures.register({
        ...never,
        create: () => ({
          around: () => raise('around'),
          begin: () => raise('begin'),
          wrapBalancer: () => ({ pick: () => raise('pick') }),
        }),
      })
    })
    const spare = { load_balancer: { servers: [{ url: 'http://spare.test' }] }, never: {} }
    await using memory = await startMemory(
      { services: { app: { ...dead, elsewhere: {} }, spare } },
      [plugins],
    )

    expect(await memory.send()).toMatchObject({ status: 200, body: 'spare says hello' })
    expect(trace).toEqual(['spare.test'])

    memory.gateway.snapshot.services.get('spare')?.pool.update([])
    expect(await memory.send()).toMatchObject({ status: 503 })
  })

  it('may keep the handler of a service that is completed later', async () => {
    const plugins = plugin('failover', ({ serviceFeatures }) =>
      serviceFeatures.register({
        ...feature('failover', {}, 0, 'service'),
        create: (_options, _service, scope) => {
          const { handle } = scope.service('spare')
          return { around: (ctx) => handle(ctx) }
        },
      }),
    )
    await using memory = await startMemory(
      {
        services: {
          app: { ...dead, failover: {} },
          spare: { load_balancer: { servers: [{ url: 'http://spare.test' }] } },
        },
      },
      [plugins],
    )

    expect(await memory.send()).toMatchObject({ status: 200, body: 'spare says hello' })
  })

  it('may answer for a service without servers, if they say so', async () => {
    const plugins = plugin('features', ({ serviceFeatures }) => {
      serviceFeatures.register({
        ...feature('alone', {}, 0, 'service'),
        schema: aloneSchema,
        needsNoServers: ({ alone }: { alone: boolean }) => alone,
        create: () => ({ around: () => new GatewayResponse({ status: 204 }) }),
      })
    })
    await using memory = await startMemory({ services: { app: { alone: {} } } }, [plugins])

    expect(await memory.send()).toMatchObject({ status: 204 })
    const without = { services: { app: { alone: { alone: false } } } }
    await expect(memory.reload(plainConfig(without))).rejects.toThrow('no servers')
  })

  it('do not exist for a service that has no block of theirs', async () => {
    const made: string[] = []
    const plugins = plugin('f', ({ serviceFeatures }) =>
      serviceFeatures.register({
        ...feature('mirror', {}, 0, 'service'),
        create: (_options, { name }) => {
          made.push(name)
          return {}
        },
      }),
    )
    await using memory = await startMemory(
      { services: { app: { ...dead, mirror: {} }, other: dead } },
      [plugins],
    )

    expect(made).toEqual(['app'])
    expect(memory.gateway.snapshot.services.size).toBe(2)
  })

  it('find what the transport of their service has left for them, which may take its time', async () => {
    const key = new ContextKey<string>('secret')
    const found: unknown[] = []
    const plugins = plugin('f', ({ serviceFeatures, transports }) => {
      transports.register({
        type: 'slow',
        schemes: ['slow'],
        schema: { type: 'object', additionalProperties: false, properties: {} },
        create: async (_options, service) => {
          await Promise.resolve()
          service.set(key, `of ${service.name}`)
          return { send: () => raise('send') }
        },
      })
      serviceFeatures.register({
        ...feature('mirror', {}, 0, 'service'),
        create: (_options, service) => {
          found.push(service.get(key))
          return {}
        },
      })
    })
    const slow = { load_balancer: { servers: [{ url: 'slow://app.test' }] }, mirror: {} }

    await using memory = await startMemory({ services: { app: { ...dead, mirror: {} }, slow } }, [
      plugins,
    ])

    expect(found).toEqual([undefined, 'of slow'])
    expect(memory.gateway.snapshot.services.get('app')?.get(key)).toBeUndefined()
  })

  it('may be a single value, with its unit', async () => {
    const made: unknown[] = []
    const plugins = plugin('f', ({ serviceFeatures }) =>
      serviceFeatures.register({
        type: 'slow_start',
        stage: 0,
        parent: 'load_balancer',
        schema: { duration: true, description: 'How long.' },
        create: (options: unknown) => {
          made.push(options)
          return {}
        },
      }),
    )

    await using memory = await startMemory({ services: { app: slowStart('30s') } }, [plugins])

    expect(made).toEqual([30_000])
    await expect(
      startMemory({ services: { app: slowStart('soon') } }, [plugins]),
    ).rejects.toMatchObject({
      problems: [{ path: ['services', 'app', 'load_balancer', 'slow_start'] }],
    })
    expect(memory.gateway.snapshot.services.size).toBe(1)
  })

  it('cannot ask for a service that does not exist', async () => {
    const plugins = plugin('f', ({ serviceFeatures }) =>
      serviceFeatures.register({
        ...feature('mirror', {}, 0, 'service'),
        create: (_options, _service, scope) => void scope.service('nowhere') as never,
      }),
    )

    await expect(
      startMemory({ services: { app: { ...dead, mirror: {} } } }, [plugins]),
    ).rejects.toMatchObject({ problems: [{ path: ['services', 'app', 'mirror'] }] })
  })
})

const dead = { load_balancer: { servers: [{ url: 'http://app.test' }] } }

function slowStart(value: unknown): object {
  return { load_balancer: { servers: [{ url: 'http://app.test' }], slow_start: value } }
}

const aloneSchema: OptionsSchema<{ alone: boolean }> = {
  type: 'object',
  additionalProperties: false,
  properties: { alone: { type: 'boolean', default: true, description: 'Whether it is.' } },
}

function feature(
  type: string,
  made: ServiceFeature,
  stage: number,
  parent: ServiceFeatureFactory['parent'],
): ServiceFeatureFactory {
  const schema = { type: 'object', additionalProperties: false, properties: {} } as const
  return { type, stage, parent, schema, create: () => made }
}

function raise(what: string): never {
  throw new Error(what)
}
