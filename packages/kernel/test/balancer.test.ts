import { describe, expect, it } from 'vitest'
import { errors } from '../src/errors.ts'
import type { Plugin } from '../src/plugin.ts'
import type { Balancer, ServiceFeature, ServiceFeatureFactory } from '../src/service.ts'
import { plugin, startMemory } from './support/memory-gateway.ts'

describe('a balancer', () => {
  it('that finds nothing leads to 503', async () => {
    await using memory = await startMemory(usingStrategy, [balancing({ pick: () => undefined })])

    expect(await memory.send()).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1', 'proxy-status': 'gatewright; error=destination_unavailable' },
    })
  })

  it('that fails leads to 500', async () => {
    await using memory = await startMemory(usingStrategy, [
      balancing({ pick: () => raise(new Error('boom')) }),
    ])

    expect(await memory.send()).toMatchObject({ status: 500 })
  })

  it('sees what was tried', async () => {
    const seen: number[] = []
    const retry: ServiceFeature = {
      around: async (ctx, next) => {
        await next(ctx)
        return next(ctx)
      },
    }
    await using memory = await startMemory(usingFeature('retry', 'test'), [
      balancing({
        pick: ({ available }, { attempts }) => {
          seen.push(attempts?.length ?? 0)
          return available[0]
        },
      }),
      features({ retry }),
    ])

    await memory.send()

    expect(seen).toEqual([0, 1])
    expect(memory.upstream.arrivals).toHaveLength(2)
  })
})

describe('a balancer that learns', () => {
  it('is told how each attempt at its endpoints ended, after the hook', async () => {
    const trace: string[] = []
    const taps = plugin('trace', ({ hooks }) =>
      hooks.upstreamEnd.tap('trace', () => void trace.push('hook')),
    )
    const learner: Balancer = {
      pick: ({ available }) => available[0],
      attemptEnded: (_exchange, { endpoint, status, error }) =>
        void trace.push(`${endpoint.url.host} ${status} ${error?.code}`),
    }
    await using memory = await startMemory(usingStrategy, [balancing(learner), taps])

    await memory.send()
    memory.upstream.respond = () =>
      raise(errors.GW_UPSTREAM_RESET({ endpoint: 'x', problem: 'gone' }))
    await memory.send()

    expect(trace).toEqual([
      'hook',
      'app.test 200 undefined',
      'hook',
      'app.test undefined GW_UPSTREAM_RESET',
    ])
  })

  it('learns of attempts that begin in another service, if it picked the endpoint', async () => {
    const learned: string[] = []
    const learner: Balancer = {
      pick: ({ available }) => available[0],
      attemptEnded: (_exchange, { service }) => void learned.push(service.name),
    }
    const failover = plugin('failover', ({ serviceFeatures }) =>
      serviceFeatures.register({
        ...feature('failover', {}, 0, 'service'),
        create: (_options, _service, scope) => {
          const spare = scope.service('spare')
          return { begin: (exchange) => spare.begin(exchange) }
        },
      }),
    )
    const spare = {
      load_balancer: { strategy: 'test', servers: [{ url: 'http://spare.test' }] },
    }
    const app = { ...twoServers, failover: {} }
    await using memory = await startMemory({ services: { app, spare } }, [
      balancing(learner),
      failover,
    ])

    await memory.send()

    expect(learned).toEqual(['spare'])
  })

  it('is told of responses that broke off, unless their client left', async () => {
    const broken: (string | undefined)[] = []
    const learner: Balancer = {
      pick: ({ available }) => available[0],
      attemptBroke: (_exchange, { error }) => void broken.push(error?.code),
    }
    await using memory = await startMemory(usingStrategy, [balancing(learner)])
    const reset = errors.GW_UPSTREAM_RESET({ endpoint: 'x', problem: 'gone' })

    const exchange = memory.web.open()
    await exchange.answer
    const [attempt] = exchange.ctx.attempts ?? []
    attempt?.break(reset)
    attempt?.break(reset)
    exchange.finish()
    const left = memory.web.open()
    await left.answer
    left.ctx.abort(errors.GW_CLIENT_ABORTED())
    left.ctx.attempts?.[0]?.break(reset)

    expect(broken).toEqual(['GW_UPSTREAM_RESET'])
  })

  it('costs no exchange anything by failing', async () => {
    const learner: Balancer = {
      pick: ({ available }) => available[0],
      attemptEnded: () => raise(new Error('boom')),
    }
    await using memory = await startMemory(usingStrategy, [balancing(learner)])

    expect(await memory.send()).toMatchObject({ status: 200 })
    expect(memory.logs.find('learning from an attempt failed')).toMatchObject([
      { owner: expect.stringMatching(/^strategy ".+" of plugin ".+"$/), where: 'attemptEnded' },
    ])
  })
})

const twoServers = {
  load_balancer: { servers: [{ url: 'http://a.test' }, { url: 'http://b.test' }] },
}
const usingStrategy = {
  services: { app: { load_balancer: { strategy: 'test', servers: [{ url: 'http://app.test' }] } } },
}

function usingFeature(name: string, strategy: string): Readonly<Record<string, unknown>> {
  const block = { strategy, servers: [{ url: 'http://app.test' }] }
  return { services: { app: { [name]: {}, load_balancer: block } } }
}

function balancing(balancer: Balancer): Plugin {
  return plugin('balancing', ({ balancers }) =>
    balancers.register({
      type: 'test',
      schema: { type: 'object', additionalProperties: false, properties: {} },
      create: () => balancer,
    }),
  )
}

function features(types: Readonly<Record<string, ServiceFeature>>): Plugin {
  return plugin('features', ({ serviceFeatures }) => {
    for (const [type, made] of Object.entries(types)) {
      serviceFeatures.register(feature(type, made, 0, 'service'))
    }
  })
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

function raise(error: unknown): never {
  throw error
}
