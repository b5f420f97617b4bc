import { describe, expect, it } from 'vitest'
import { defineErrors } from '../src/gateway-error.ts'
import { Stage } from '../src/hooks.ts'
import { GatewayResponse } from '../src/response.ts'
import type { HttpRoute } from '../src/routing.ts'
import { PushedSource } from './support/bodies.ts'
import { bareMiddleware, plainConfig, plugin, startMemory } from './support/memory-gateway.ts'
import { MemoryLoader } from './support/memory-loader.ts'
import { refusalOf } from './support/memory-network.ts'

const catalogue = defineErrors({
  GW_TEST_LIMIT: { status: 429, source: 'client', message: () => 'too many' },
})

const ways = ['throws', 'rejects'] as const

describe('a failing tap', () => {
  it.each(ways)('of config refuses the configuration when it %s', async (how) => {
    const taps = plugin('bad', ({ hooks }) => hooks.config.tap('bad', () => failing(how)))

    await expect(startMemory({}, [taps])).rejects.toMatchObject({
      code: 'GW_PLUGIN_ERROR',
      message: 'plugin "bad" failed in hook "config": boom',
    })
  })

  it('of config leaves the running configuration when it throws at a reload', async () => {
    let healthy = true
    const taps = plugin('bad', ({ hooks }) =>
      hooks.config.tap('bad', (config) => (healthy ? config : failing('throws'))),
    )
    await using memory = await startMemory({}, [taps])
    const before = memory.gateway.snapshot
    healthy = false

    await expect(memory.reload(plainConfig())).rejects.toThrow('boom')

    expect(memory.gateway.snapshot).toBe(before)
    expect(await memory.send()).toMatchObject({ status: 200 })
  })

  it('of connection refuses the connection', async () => {
    const taps = plugin('bad', ({ hooks }) => hooks.connection.tap('bad', () => failing('throws')))
    await using memory = await startMemory({}, [taps])

    expect(refusalOf(() => memory.web.connect())).toMatchObject({
      reason: 'plugin "bad" failed in hook "connection": boom',
    })
    expect(memory.logs.find('tap failed')).toMatchObject([{ code: 'GW_PLUGIN_ERROR' }])
  })

  it.each(ways)('of request answers 500 when it %s', async (how) => {
    const taps = plugin('bad', ({ hooks }) => hooks.request.tap('bad', () => failing(how)))
    await using memory = await startMemory({}, [taps])

    expect(await memory.send()).toMatchObject({
      status: 500,
      response: { error: { code: 'GW_PLUGIN_ERROR' } },
    })
    expect(memory.upstream.arrivals).toEqual([])
  })

  it('of request answers with the status of a catalogued error', async () => {
    const taps = plugin('limit', ({ hooks }) =>
      hooks.request.tap('limit', () => {
        throw catalogue.GW_TEST_LIMIT()
      }),
    )
    await using memory = await startMemory({}, [taps])

    expect(await memory.send()).toMatchObject({ status: 429 })
  })

  it('of route answers 500', async () => {
    const taps = plugin('bad', ({ hooks }) =>
      hooks.route.tap({ name: 'bad', stage: Stage.early }, () => failing('throws')),
    )
    await using memory = await startMemory({}, [taps])

    expect(await memory.send()).toMatchObject({
      status: 500,
      response: { error: { code: 'GW_PLUGIN_ERROR' } },
    })
  })

  it.each(ways)('of upstream fails the attempt, which is not sent, when it %s', async (how) => {
    const ended: unknown[] = []
    const taps = plugin('bad', ({ hooks }) => {
      hooks.upstream.tap('bad', () => failing(how))
      hooks.upstreamEnd.tap('bad', (_exchange, { error }) => void ended.push(error?.code))
    })
    await using memory = await startMemory({}, [taps])

    expect(await memory.send()).toMatchObject({ status: 500 })
    expect(memory.upstream.arrivals).toEqual([])
    expect(ended).toEqual(['GW_PLUGIN_ERROR'])
  })

  it.each(ways)('of response replaces the response when it %s', async (how) => {
    const body = new PushedSource(['secret'])
    const taps = plugin('bad', ({ hooks }) => hooks.response.tap('bad', () => failing(how)))
    await using memory = await startMemory({}, [taps])
    memory.upstream.respond = () => new GatewayResponse({ status: 200, body })

    const reply = await memory.send()

    expect(reply).toMatchObject({
      status: 502,
      response: { error: { code: 'GW_PLUGIN_RESPONSE_ERROR' } },
    })
    expect(reply.body).not.toContain('secret')
    expect(body.cancelled).toBe(true)
  })

  it('of response keeps the status of a catalogued error', async () => {
    const taps = plugin('limit', ({ hooks }) =>
      hooks.response.tap('limit', () => {
        throw catalogue.GW_TEST_LIMIT()
      }),
    )
    await using memory = await startMemory({}, [taps])

    expect(await memory.send()).toMatchObject({ status: 429 })
  })

  it.each(['upstreamEnd', 'finish', 'activate'] as const)('of %s is logged', async (hook) => {
    for (const how of ways) {
      const taps = plugin('bad', ({ hooks }) => hooks[hook].tap('bad', () => failing(how)))
      await using memory = await startMemory({}, [taps])

      expect(await memory.send()).toMatchObject({ status: 200 })
      await new Promise(setImmediate)

      const logged = memory.logs.find('tap failed').map(({ problem }) => problem)
      expect(logged).toContain(`plugin "bad" failed in hook "${hook}": boom`)
    }
  })

  it.each(ways)('of retire is logged when it %s', async (how) => {
    const taps = plugin('bad', ({ hooks }) => hooks.retire.tap('bad', () => failing(how)))
    await using memory = await startMemory({}, [taps])

    await memory.reload(plainConfig())
    await new Promise(setImmediate)

    expect(memory.logs.find('tap failed')).toMatchObject([
      { problem: 'plugin "bad" failed in hook "retire": boom' },
    ])
    expect(memory.gateway.liveSnapshots).toBe(1)
  })

  it.each(ways)('of close is logged and the shutdown goes on when it %s', async (how) => {
    const closed: string[] = []
    const bad = plugin('bad', ({ hooks }) => hooks.close.tap('bad', () => failing(how)))
    const good = plugin('good', ({ hooks }) => hooks.close.tap('good', () => void closed.push('x')))
    const memory = await startMemory({}, [bad, good])

    await memory.gateway.shutdown()

    expect(memory.logs.find('tap failed')).toMatchObject([
      { problem: 'plugin "bad" failed in hook "close": boom' },
    ])
    expect(memory.gateway.state).toBe('stopped')
    expect(closed).toEqual(['x'])
  })
})

describe('a configuration that is refused on reload', () => {
  it('is told to configRefusal, and one that is taken is not', async () => {
    const told: string[] = []
    const taps = plugin('told', ({ hooks }) =>
      hooks.configRefusal.tap('told', ({ code }) => void told.push(code)),
    )
    await using memory = await startMemory({}, [taps])

    await memory.reload(plainConfig())
    await expect(memory.reload({ entrypoints: {}, routerz: {} })).rejects.toThrow('routerz')

    expect(told).toEqual(['GW_CONFIG_INVALID'])
  })
})

describe('what a tap may answer', () => {
  it('is a refusal for connection, before later taps are asked', async () => {
    const asked: string[] = []
    const taps = plugin('cap', ({ hooks }) => {
      hooks.connection.tap('cap', () => ({ reason: 'full', reset: true }))
      hooks.connection.tap('cap', () => void asked.push('later'))
    })
    await using memory = await startMemory({}, [taps])

    expect(refusalOf(() => memory.web.connect())).toEqual({ reason: 'full', reset: true })
    expect(asked).toEqual([])
  })

  it('is told to refusal, as is what features and protocols refuse', async () => {
    const told: unknown[] = []
    const taps = plugin('cap', ({ hooks, entrypointFeatures }) => {
      hooks.connection.tap('cap', () => ({ reason: 'full', code: 'GW_TEST_FULL' }))
      hooks.refusal.tap('cap', ({ entrypoint }, refusal) => void told.push(entrypoint, refusal))
      entrypointFeatures.register({
        type: 'denied',
        schema: {
          type: 'object',
          additionalProperties: false,
          properties: { denied: { type: 'boolean', description: 'Lets nobody in.' } },
        },
        create: () => ({ onAccept: () => ({ reason: 'denied' }) }),
      })
    })
    await using memory = await startMemory({}, [taps])

    expect(refusalOf(() => memory.web.connect())).toMatchObject({ reason: 'full' })
    await memory.reload(
      plainConfig({ entrypoints: { web: { address: '127.0.0.1:80', denied: true } } }),
    )
    expect(refusalOf(() => memory.web.connect())).toMatchObject({ reason: 'denied' })
    expect(told).toEqual([
      'web',
      { reason: 'full', code: 'GW_TEST_FULL' },
      'web',
      { reason: 'denied' },
    ])
  })

  it('is a route for route, in place of the rules', async () => {
    const maintenance: HttpRoute = {
      kind: 'http',
      router: 'maintenance',
      service: 'none',
      handle: () => new GatewayResponse({ status: 503 }),
    }
    const taps = plugin('switch', ({ hooks }) =>
      hooks.route.tap({ name: 'switch', stage: Stage.early }, () => maintenance),
    )
    await using memory = await startMemory({}, [taps])

    expect(await memory.send()).toMatchObject({ status: 503 })
  })

  it('is a route for route where no rule matches', async () => {
    const fallback: HttpRoute = {
      kind: 'http',
      router: 'fallback',
      service: 'none',
      handle: () => new GatewayResponse({ status: 418 }),
    }
    const taps = plugin('catch-all', ({ hooks }) =>
      hooks.route.tap({ name: 'catch-all', stage: Stage.late }, () => fallback),
    )
    const routers = { app: { rule: '/api', service: 'app' } }
    await using memory = await startMemory({ routers }, [taps])

    expect(await memory.send({ target: '/api' })).toMatchObject({ status: 200 })
    expect(await memory.send({ target: '/else' })).toMatchObject({ status: 418 })
  })

  it('is a changed configuration for config, one tap after the other', async () => {
    const taps = plugin('expand', ({ hooks }) => {
      hooks.config.tap('expand', (config) => ({
        ...config,
        routers: { b: { rule: '/b', service: 'app' } },
      }))
      hooks.config.tap('expand', (config) => ({
        ...config,
        routers: { ...config.routers, c: { rule: '/c', service: 'app' } },
      }))
    })
    await using memory = await startMemory({}, [taps])

    expect(Object.keys(memory.gateway.snapshot.config.routers)).toEqual(['b', 'c'])
    expect(await memory.send({ target: '/a' })).toMatchObject({ status: 404 })
    expect(await memory.send({ target: '/c' })).toMatchObject({ status: 200 })
  })

  it('is asked of a plugin that the first configuration brings', async () => {
    const expand = plugin('expand', ({ hooks, middlewares }) => {
      middlewares.register(bareMiddleware('stamp', () => ({})))
      hooks.config.tap('expand', (config) => ({
        ...config,
        routers: { b: { rule: '/b', service: 'app' } },
      }))
    })
    const loader = new MemoryLoader({ 'middleware stamp': expand })
    const middlewares = { a: { type: 'stamp' } }
    await using memory = await startMemory({ middlewares }, [], { loader })

    expect(Object.keys(memory.gateway.snapshot.config.routers)).toEqual(['b'])
  })

  it('is nothing that the name of a block could change', async () => {
    const taps = plugin('look', ({ hooks }) =>
      hooks.config.tapPromise('look', async (config) => config),
    )

    await expect(startMemory({ snapshot: 1, waiter: 2 }, [taps])).rejects.toMatchObject({
      code: 'GW_CONFIG_INVALID',
      problems: [
        { path: ['snapshot'], code: 'GW_CONFIG_UNKNOWN_KEY' },
        { path: ['waiter'], code: 'GW_CONFIG_UNKNOWN_KEY' },
      ],
    })
  })
})

function failing(how: 'throws' | 'rejects'): never {
  // The guard must cope with promises that the types of a hook do not allow.
  if (how === 'rejects') return Promise.reject(new Error('boom')) as never
  throw new Error('boom')
}
