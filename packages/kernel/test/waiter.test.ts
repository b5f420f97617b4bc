import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Around, Filter, Middleware } from '../src/middleware.ts'
import { GatewayResponse } from '../src/response.ts'
import { PushedSource } from './support/bodies.ts'
import {
  chainConfig,
  middlewaresOf,
  plainConfig,
  plugin,
  service,
  startMemory,
} from './support/memory-gateway.ts'

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'],
  })
})

afterEach(() => {
  vi.useRealTimers()
})

describe('a step that never finishes', () => {
  it.each<[string, string, Middleware]>([
    ['a filter on the way in', 'onRequest', { onRequest: never }],
    ['a filter on the way out', 'onResponse', { onResponse: never }],
    ['an around', 'around', { around: never }],
  ])('fails its exchange and is named: %s', async (_what, where, middleware) => {
    await using memory = await startMemory(chainConfig({ slow: { type: 'slow' } }), [
      middlewaresOf({ slow: () => middleware }),
    ])

    const reply = memory.send()
    await vi.advanceTimersByTimeAsync(12_000)

    expect(await reply).toMatchObject({
      status: 500,
      response: {
        error: {
          code: 'GW_PLUGIN_TIMEOUT',
          message: `middleware "slow" of plugin "test-middlewares" did not finish ${where} within 10000 ms`,
        },
      },
    })
    expect(memory.gateway.exchanges).toBe(0)
  })

  it.each([
    { asks: 'an around', patient: { around: never, patienceMs: 60_000 } },
    { asks: 'a filter', patient: { onRequest: never, patienceMs: 60_000 } },
    {
      asks: 'a filter, on the way out,',
      patient: { onResponse: never, patienceMs: 60_000 },
    },
    {
      asks: 'a filter in a dry run',
      patient: { onRequest: never, onResponse: never, patienceMs: 60_000 },
      common: { dry_run: true, skip_paths: ['/skipped'] },
    },
  ])('has the time that $asks asks for', async ({ patient, common }) => {
    const config = chainConfig({ slow: { type: 'slow', ...common } })
    await using memory = await startMemory(config, [middlewaresOf({ slow: () => patient })])
    let done = false

    const reply = memory.send().finally(() => (done = true))
    await vi.advanceTimersByTimeAsync(59_000)
    expect(done).toBe(false)
    await vi.advanceTimersByTimeAsync(3000)

    expect((await reply).response.error?.message).toMatch(/within 60000 ms/)
  })

  it.each(['request', 'upstream', 'response'] as const)(
    'fails its exchange and is named: a tap of %s',
    async (hook) => {
      const taps = plugin('slow-taps', ({ hooks }) => hooks[hook].tapPromise('slow-taps', never))
      await using memory = await startMemory({}, [taps])

      const reply = memory.send()
      await vi.advanceTimersByTimeAsync(12_000)

      expect((await reply).response.error).toMatchObject({
        code: 'GW_PLUGIN_TIMEOUT',
        message: `plugin "slow-taps" did not finish hook "${hook}" within 10000 ms`,
      })
    },
  )

  it('fails its connection: a filter of a stream router', async () => {
    await using memory = await startMemory(
      {
        entrypoints: { raw: { address: '127.0.0.1:90', protocol: 'tcp' } },
        routers: { raw: { rule: '*', service: 'app', middlewares: ['slow'] } },
        middlewares: { slow: { type: 'slow' } },
      },
      [middlewaresOf({ slow: () => ({ onConnection: never }) })],
    )

    const exchange = memory.network.at('127.0.0.1:90').openStream()
    await vi.advanceTimersByTimeAsync(12_000)

    expect(await exchange.refusal).toMatchObject({
      error: {
        code: 'GW_PLUGIN_TIMEOUT',
        message:
          'middleware "slow" of plugin "test-middlewares" did not finish onConnection within 10000 ms',
      },
    })
    exchange.finish()
  })

  it('refuses the configuration: a tap of config', async () => {
    let stuck = false
    const taps = plugin('slow', ({ hooks }) =>
      hooks.config.tapPromise('slow', async (config) => (stuck ? never() : config)),
    )
    await using memory = await startMemory({}, [taps])
    stuck = true

    const reload = memory.reload(plainConfig()).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(12_000)

    expect(await reload).toMatchObject({ code: 'GW_PLUGIN_TIMEOUT' })
    expect(await memory.send()).toMatchObject({ status: 200 })
    stuck = false
  })

  it.each(['retire', 'close'] as const)('does not stop a shutdown: a tap of %s', async (hook) => {
    const taps = plugin('slow', ({ hooks }) => hooks[hook].tapPromise('slow', never))
    const memory = await startMemory({}, [taps])

    const shutdown = memory.gateway.shutdown()
    await vi.advanceTimersByTimeAsync(12_000)
    await shutdown

    expect(memory.gateway.state).toBe('stopped')
    expect(memory.logs.find('tap failed')).toMatchObject([{ code: 'GW_PLUGIN_TIMEOUT' }])
  })

  it('may take as long as the gateway is told', async () => {
    await using memory = await startMemory(
      chainConfig({ slow: { type: 'slow' } }),
      [middlewaresOf({ slow: () => ({ onRequest: never }) })],
      { pendingTimeoutMs: 3000 },
    )

    const reply = memory.send()
    await vi.advanceTimersByTimeAsync(5000)

    expect((await reply).response.error?.message).toContain('within 3000 ms')
  })
})

describe('the time of an around', () => {
  it('does not run while what is inside runs', async () => {
    await using memory = await startMemory(chainConfig({ outer: { type: 'pass' } }), [
      middlewaresOf({ pass: () => ({ around: async (ctx, next) => next(ctx) }) }),
    ])
    memory.upstream.respond = () => after(60_000, () => new GatewayResponse({ status: 201 }))

    const reply = memory.send()
    await vi.advanceTimersByTimeAsync(61_000)

    expect(await reply).toMatchObject({ status: 201 })
  })

  it('runs again once what is inside has answered', async () => {
    await using memory = await startMemory(chainConfig({ slow: { type: 'slow' } }), [
      middlewaresOf({ slow: () => ({ around: async (ctx, next) => never(await next(ctx)) }) }),
    ])
    memory.upstream.respond = () => after(8000, () => new GatewayResponse({ status: 201 }))

    const reply = memory.send()
    await vi.advanceTimersByTimeAsync(17_000)
    expect(memory.gateway.exchanges).toBe(1)
    await vi.advanceTimersByTimeAsync(3000)

    expect(await reply).toMatchObject({ status: 500 })
  })

  it('is not that of the arounds outside of it', async () => {
    const seen: unknown[] = []
    await using memory = await startMemory(
      chainConfig({ outer: { type: 'watch' }, stuck: { type: 'stuck' } }),
      [
        middlewaresOf({
          watch: () => ({
            around: async (ctx, next) => {
              const response = await next(ctx)
              seen.push(response.error?.message)
              return new GatewayResponse({ status: 203 })
            },
          }),
          stuck: () => ({ around: never }),
        }),
      ],
    )

    const reply = memory.send()
    await vi.advanceTimersByTimeAsync(12_000)

    expect(await reply).toMatchObject({ status: 203 })
    expect(seen).toEqual([
      'middleware "stuck" of plugin "test-middlewares" did not finish around within 10000 ms',
    ])
  })

  it('does not run while a copy of the exchange is inside', async () => {
    await using memory = await startMemory(chainConfig({ shadow: { type: 'shadow' } }), [
      middlewaresOf({ shadow: () => ({ around: async (ctx, next) => next(ctx.fork(1000)) }) }),
    ])
    memory.upstream.respond = () => after(60_000, () => new GatewayResponse({ status: 201 }))

    const reply = memory.send()
    await vi.advanceTimersByTimeAsync(61_000)

    expect(await reply).toMatchObject({ status: 201 })
  })

  it('does not hide a filter that hangs in one of two runs at the same time', async () => {
    let runs = 0
    const race: Around = {
      around: async (ctx, next) => {
        const [first, second] = await Promise.all([next(ctx), next(ctx)])
        return first.error === undefined ? second : first
      },
    }
    const sometimes: Filter = {
      onRequest: () => (runs++ === 0 ? after(1000, () => undefined) : never()),
    }
    await using memory = await startMemory(
      chainConfig({ race: { type: 'race' }, sometimes: { type: 'sometimes' } }),
      [middlewaresOf({ race: () => race, sometimes: () => sometimes })],
    )

    const reply = memory.send()
    await vi.advanceTimersByTimeAsync(12_000)

    expect((await reply).response.error?.message).toBe(
      'middleware "sometimes" of plugin "test-middlewares" did not finish onRequest within 10000 ms',
    )
  })
})

describe('what comes too late', () => {
  it.each<[string, (late: Promise<GatewayResponse>) => Middleware]>([
    ['onRequest', (late) => ({ onRequest: () => late })],
    ['onResponse', (late) => ({ onResponse: () => late })],
    ['around', (late) => ({ around: () => late })],
  ])('is discarded: the response of %s', async (_where, middleware) => {
    const body = new PushedSource(['late'])
    const late = after(20_000, () => new GatewayResponse({ status: 200, body }))
    await using memory = await startMemory(chainConfig({ slow: { type: 'slow' } }), [
      middlewaresOf({ slow: () => middleware(late) }),
    ])

    const reply = memory.send()
    await vi.advanceTimersByTimeAsync(21_000)

    expect(await reply).toMatchObject({ status: 500 })
    expect(body.cancelled).toBe(true)
  })

  it('is discarded: the response of a request tap', async () => {
    const body = new PushedSource(['late'])
    const late = after(20_000, () => new GatewayResponse({ status: 200, body }))
    const tap = plugin('slow', ({ hooks }) => hooks.request.tapPromise('slow', () => late))
    await using memory = await startMemory({}, [tap])

    const reply = memory.send()
    await vi.advanceTimersByTimeAsync(21_000)

    expect(await reply).toMatchObject({ status: 500 })
    expect(body.cancelled).toBe(true)
  })

  it('is swallowed: the failure of a filter', async () => {
    const late = after(20_000, () => {
      throw new Error('late')
    })
    await using memory = await startMemory(chainConfig({ slow: { type: 'slow' } }), [
      middlewaresOf({ slow: () => ({ onRequest: () => late }) }),
    ])

    const reply = memory.send()
    await vi.advanceTimersByTimeAsync(21_000)

    expect((await reply).response.error?.code).toBe('GW_PLUGIN_TIMEOUT')
  })

  it('is refused: an around that asks for the rest after its exchange was answered', async () => {
    const seen: unknown[] = []
    const tardy: Around = {
      around: async (ctx, next) => {
        await after(20_000, () => undefined)
        const response = await next(ctx)
        seen.push(response.status)
        return response
      },
    }
    await using memory = await startMemory(chainConfig({ tardy: { type: 'tardy' } }), [
      middlewaresOf({ tardy: () => tardy }),
    ])

    const exchange = memory.web.open()
    await vi.advanceTimersByTimeAsync(21_000)

    expect((await exchange.answer).error?.code).toBe('GW_PLUGIN_TIMEOUT')
    expect(seen).toEqual([500])
    expect(memory.upstream.arrivals).toEqual([])
    exchange.finish()
  })

  it('does not concern an exchange whose client has left', async () => {
    const config = plainConfig({
      ...chainConfig({ slow: { type: 'slow' } }),
      services: { app: service('http://app.test') },
    })
    await using memory = await startMemory(config, [
      middlewaresOf({ slow: () => ({ onRequest: never }) }),
    ])

    const exchange = memory.web.open()
    memory.web.ingress.abort(exchange.ctx)
    await vi.advanceTimersByTimeAsync(12_000)

    expect(memory.gateway.exchanges).toBe(0)
    expect(memory.logs.find('request failed')).toEqual([])
  })
})

function never(_value?: unknown): Promise<never> {
  return new Promise(() => undefined)
}

async function after<T>(ms: number, value: () => T): Promise<T> {
  await new Promise((resolve) => setTimeout(resolve, ms))
  return value()
}
