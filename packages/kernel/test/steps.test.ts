import { afterEach, describe, expect, it, vi } from 'vitest'
import { errors } from '../src/errors.ts'
import type { Middleware } from '../src/middleware.ts'
import type { Plugin, PluginGateway } from '../src/plugin.ts'
import type { RequestContext } from '../src/request-context.ts'
import { GatewayResponse } from '../src/response.ts'
import type { Step, StepObserver } from '../src/steps.ts'
import type { ExchangeWatch } from '../src/watching.ts'
import { bareMiddleware, plainConfig, plugin, startMemory } from './support/memory-gateway.ts'

const app = { load_balancer: { servers: [{ url: 'http://app.test' }] } }

afterEach(() => vi.restoreAllMocks())

describe('the steps of an exchange', () => {
  it('are told with their plugin, phase and outcome, in the order of their end', async () => {
    const told: string[] = []
    const parts = plugin('parts', (gateway) => {
      middleware(gateway, 'filter', { onRequest: () => undefined, onResponse: () => undefined })
      middleware(gateway, 'around', { around: (ctx, next) => next(ctx) })
      gateway.serviceFeatures.register({
        type: 'feature',
        parent: 'service',
        stage: 0,
        schema,
        create: () => ({ around: (ctx, next) => next(ctx) }),
      })
      gateway.hooks.request.tap('tapped', () => undefined)
      gateway.hooks.finish.tap('tapped', () => undefined)
    })
    await using memory = await startMemory(
      {
        watch: {},
        middlewares: { a: { type: 'around' }, f: { type: 'filter' } },
        routers: { app: { rule: '/', service: 'app', middlewares: ['a', 'f'] } },
        services: { app: { ...app, feature: {} } },
      },
      [watching(told), parts],
    )

    await memory.send()

    expect(told).toEqual([
      'tap tapped request of parts: passed',
      'middleware f onRequest of parts: passed',
      'service feature app around of parts: passed',
      'middleware f onResponse of parts: passed',
      'middleware a around of parts: passed',
      'tap tapped finish of parts: passed',
    ])
  })

  it('are told when they answer, refuse or throw, at once or later', async () => {
    const told: string[] = []
    const later = plugin('later', (gateway) => {
      middleware(gateway, 'answers', { onRequest: () => new GatewayResponse({ status: 204 }) })
      middleware(gateway, 'throws', {
        onRequest: () => {
          throw new Error('no')
        },
      })
      middleware(gateway, 'refuses', {
        onRequest: () => {
          throw errors.GW_NO_ROUTE({ target: '/' })
        },
      })
      middleware(gateway, 'rejects', { onRequest: () => Promise.reject(new Error('no')) })
      middleware(gateway, 'waits', { onRequest: () => Promise.resolve() })
      middleware(gateway, 'keeps', {
        around: () => Promise.resolve(new GatewayResponse({ status: 200 })),
      })
    })
    const types = ['answers', 'throws', 'refuses', 'rejects', 'waits', 'keeps']
    await using memory = await startMemory(
      {
        watch: {},
        middlewares: Object.fromEntries(types.map((type) => [type, { type }])),
        routers: Object.fromEntries(
          types.map((type) => [type, { rule: `/${type}`, service: 'app', middlewares: [type] }]),
        ),
      },
      [watching(told), later],
    )

    for (const type of types) await memory.send({ target: `/${type}` })

    expect(told.filter((line) => line.startsWith('middleware'))).toEqual([
      'middleware answers onRequest of later: answered',
      'middleware throws onRequest of later: failed',
      'middleware refuses onRequest of later: answered',
      'middleware rejects onRequest of later: failed',
      'middleware waits onRequest of later: passed',
      'middleware keeps around of later: answered',
    ])
  })

  it('run once although somebody looks, also if each look at a result would run them', async () => {
    let runs = 0
    const lazy = plugin('lazy', (gateway) =>
      middleware(gateway, 'lazy', {
        onRequest: () => lazyResult(() => runs++),
      }),
    )
    await using memory = await startMemory(
      {
        watch: {},
        middlewares: { lazy: { type: 'lazy' } },
        routers: { app: { rule: '/', service: 'app', middlewares: ['lazy'] } },
      },
      [watching([]), lazy],
    )

    expect(await memory.send()).toMatchObject({ status: 200 })
    expect(runs).toBe(1)
  })

  it('have a time of their own, without what happens further in', async () => {
    const times = new Map<string, number>()
    let clock = 1000
    vi.spyOn(performance, 'now').mockImplementation(() => clock)
    const slow = plugin('slow', (gateway) => {
      middleware(gateway, 'around', {
        around: async (ctx, next) => {
          clock += 10
          const response = await next(ctx)
          clock += 5
          return response
        },
      })
      middleware(gateway, 'filter', {
        onRequest: () => {
          clock += 100
        },
      })
    })
    const observer: StepObserver = {
      meterFor: ({ name, phase }) => ({
        timed: () => true,
        done: (_exchange, _outcome, _startedAt, ownMs) => times.set(`${name} ${phase}`, ownMs),
      }),
    }
    await using memory = await startMemory(
      {
        watch: {},
        middlewares: { a: { type: 'around' }, f: { type: 'filter' } },
        routers: { app: { rule: '/', service: 'app', middlewares: ['a', 'f'] } },
      },
      [watcher(observer), slow],
    )

    await memory.send()

    expect(times.get('a around')).toBe(15)
    expect(times.get('f onRequest')).toBe(100)
  })

  it('are all told of a request that somebody watches, and none of the others', async () => {
    const told: string[] = []
    const parts = plugin('parts', (gateway) => {
      middleware(gateway, 'filter', { onRequest: () => undefined, onResponse: () => undefined })
      gateway.hooks.response.tap('tapped', () => undefined)
      gateway.hooks.finish.tap('tapped', () => undefined)
    })
    await using memory = await startMemory(
      {
        watch: {},
        twice: {},
        middlewares: { f: { type: 'filter' } },
        routers: { app: { rule: '/', service: 'app', middlewares: ['f'] } },
      },
      [watchingRequests(told), watchingRequests(told, 'twice'), parts],
    )

    await memory.send()
    expect(told).toEqual([])
    const response = await memory.send({ headers: ['watched', 'yes'] })

    const once = [
      'routed',
      'middleware f onRequest of parts: passed',
      'middleware f onResponse of parts: passed',
      'tap tapped response of parts: passed',
      'answered 200',
      'tap tapped finish of parts: passed',
    ]
    expect(told).toEqual(once.flatMap((line) => [line, line]))
    expect(response.headers).toMatchObject({ told: '200' })
  })

  it('do not suffer from an observer of requests that throws', async () => {
    await using memory = await startMemory({ watch: {} }, [watcher({ watch: failing })])

    expect(await memory.send({ headers: ['begin', 'yes'] })).toMatchObject({ status: 200 })
    expect(await memory.send()).toMatchObject({ status: 200 })
    expect(memory.logs.find('an observer of requests failed')).toHaveLength(2)
  })

  it('are timed for a watcher without telling a meter that did not ask', async () => {
    const times: number[] = []
    const tapped = plugin('tapped', ({ hooks }) => hooks.request.tap('tapped', () => undefined))
    const observer: StepObserver = {
      meterFor: () => ({ timed: () => false, done: (_exchange, _outcome, at) => times.push(at) }),
      watch: () => ({
        step: (_step, _outcome, at) => times.push(at),
        routed: () => undefined,
        answered: () => undefined,
      }),
    }
    await using memory = await startMemory({ watch: {} }, [watcher(observer), tapped])

    await memory.send()

    expect(times).toEqual([0, expect.toSatisfy((at: number) => at > 0)])
  })

  it('are told to everybody who looks, as long as the configuration has them', async () => {
    const told: string[] = []
    const tapped = plugin('tapped', ({ hooks }) => hooks.request.tap('tapped', () => undefined))
    await using memory = await startMemory({ watch: {}, twice: {} }, [
      watching(told),
      watching(told, 'twice'),
      tapped,
    ])

    await memory.send()
    expect(told.filter((line) => line.includes('tapped'))).toHaveLength(2)
    await memory.reload(plainConfig({ watch: {} }))
    await memory.send()
    expect(told.filter((line) => line.includes('tapped'))).toHaveLength(3)
    await memory.reload(plainConfig())
    await memory.send()
    expect(told.filter((line) => line.includes('tapped'))).toHaveLength(3)
  })
})

const schema = { type: 'object', additionalProperties: false, properties: {} } as const

/** Runs with each look at it, as query builders do. */
function lazyResult(run: () => void): PromiseLike<undefined> {
  const result = {
    // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about.
    then: (done: (value: undefined) => void) => {
      run()
      done(undefined)
    },
  }
  // Less than a promise is; whoever waits for it needs no more.
  return result as unknown as PromiseLike<undefined>
}

function middleware({ middlewares }: PluginGateway, type: string, made: Middleware): void {
  middlewares.register(bareMiddleware(type, () => made))
}

function watching(told: string[], section = 'watch'): Plugin {
  return watcher(
    {
      meterFor: (step) => ({
        timed: () => false,
        done: (_exchange, outcome) => told.push(`${textOf(step)}: ${outcome}`),
      }),
    },
    section,
  )
}

/** Fails at the begin of some requests, and at the end of the others. */
function failing({ request }: RequestContext): ExchangeWatch {
  return request.headers.has('begin')
    ? throws()
    : { step: () => undefined, routed: () => undefined, answered: throws }
}

function throws(): never {
  throw new Error('no')
}

function watchingRequests(told: string[], section = 'watch'): Plugin {
  const watch: ExchangeWatch = {
    step: (step, outcome) => told.push(`${textOf(step)}: ${outcome}`),
    routed: () => told.push('routed'),
    answered: (response) => {
      told.push(`answered ${response.status}`)
      response.headers.append('told', String(response.status))
    },
  }
  return watcher(
    { watch: ({ request }) => (request.headers.has('watched') ? watch : undefined) },
    section,
  )
}

function textOf({ kind, name, phase, plugin: owner }: Step): string {
  return `${kind} ${name} ${phase} of ${owner}`
}

function watcher(observer: StepObserver, section = 'watch'): Plugin {
  return plugin(
    `watcher-${section}`,
    (gateway) =>
      void gateway.section({
        type: section,
        labelled: false,
        schema,
        create: (_options, scope) => scope.observeSteps(observer),
      }),
  )
}
