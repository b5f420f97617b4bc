import { describe, expect, it } from 'vitest'
import type { Plugin } from '../src/plugin.ts'
import type { Scope } from '../src/scope.ts'
import { chainConfig, plainConfig, plugin, startMemory } from './support/memory-gateway.ts'

describe('a kept resource', () => {
  it('is handed on from configuration to configuration', async () => {
    const { trace, made, plugin: bucket } = buckets()
    await using memory = await startMemory(limits(10), [bucket])

    await memory.reload(limits(10))
    await memory.reload(limits(10))
    await settled()

    expect(new Set(made)).toEqual(new Set([made[0]]))
    expect(made).toHaveLength(3)
    expect(trace).toEqual(['make 10'])
  })

  it('starts afresh when its key changes, and goes once', async () => {
    const { trace, plugin: bucket } = buckets()
    const memory = await startMemory(limits(10), [bucket])

    await memory.reload(limits(20))
    await settled()
    expect(trace).toEqual(['make 10', 'make 20', 'dispose 10'])
    await memory.gateway.shutdown()

    expect(trace).toEqual(['make 10', 'make 20', 'dispose 10', 'dispose 20'])
  })

  it('stays while an exchange of its configuration goes on', async () => {
    const { trace, plugin: bucket } = buckets()
    await using memory = await startMemory(limits(10), [bucket])
    const exchange = memory.web.open()
    await exchange.answer

    await memory.reload(limits(20))
    await settled()
    expect(trace).toEqual(['make 10', 'make 20'])
    exchange.finish()
    await settled()

    expect(trace).toEqual(['make 10', 'make 20', 'dispose 10'])
  })

  it('is shared by blocks that ask for the same key', async () => {
    const { trace, made, plugin: bucket } = buckets()
    const config = chainConfig({ a: { type: 'limit', rate: 5 }, b: { type: 'limit', rate: 5 } })
    const memory = await startMemory(config, [bucket])

    expect(made[0]).toBe(made[1])
    await memory.reload(plainConfig())
    await settled()

    expect(trace).toEqual(['make 5', 'dispose 5'])
    await memory.gateway.shutdown()
  })

  it('is not lost to a configuration that is only checked or refused', async () => {
    const { trace, plugin: bucket } = buckets()
    await using memory = await startMemory(limits(10), [bucket])

    await memory.gateway.validate(limits(10))
    await memory.gateway.validate(limits(20))
    await memory.reload({ ...limits(10), colour: 'red' }).catch(() => undefined)

    expect(trace).toEqual(['make 10', 'make 20', 'dispose 20'])
    expect(await memory.send()).toMatchObject({ status: 200 })
  })
})

describe('deferred work of a configuration', () => {
  it('runs in reverse, each piece once, also when one fails', async () => {
    const trace: string[] = []
    const memory = await startMemory(limits(1), [
      scoped((scope) => {
        scope.defer(() => void trace.push('a'))
        scope.defer(() => {
          trace.push('b')
          throw new Error('boom')
        })
        scope.defer(() => Promise.reject(new Error('bang')))
        scope.defer(async () => {
          await settled()
          trace.push('c')
        })
      }),
    ])

    await memory.reload(plainConfig())
    await memory.gateway.shutdown()

    expect(trace).toEqual(['c', 'b', 'a'])
    expect(memory.logs.find('cleaning up failed').map(({ problem }) => problem)).toEqual([
      'bang',
      'boom',
    ])
  })
})

describe('what stops when a configuration is replaced', () => {
  it('stops after its successor has started, while exchanges go on', async () => {
    const trace: string[] = []
    let version = 0
    await using memory = await startMemory(limits(1), [
      scoped((scope) => {
        const name = ++version
        scope.onActivate(() => void trace.push(`start ${name}`))
        scope.onDeactivate(() => void trace.push(`stop ${name}`))
        scope.onDeactivate(rejecting)
        scope.defer(() => void trace.push(`gone ${name}`))
      }),
    ])
    const exchange = memory.web.open()
    await exchange.answer

    await memory.gateway.reload(limits(2))
    await settled()
    expect(trace).toEqual(['start 1', 'start 2', 'stop 1'])
    exchange.finish()
    await settled()

    expect(trace).toEqual(['start 1', 'start 2', 'stop 1', 'gone 1'])
    expect(memory.logs.find('deactivation failed')).toHaveLength(1)
  })

  it('has nothing to stop if it was only checked', async () => {
    const trace: string[] = []
    await using memory = await startMemory(plainConfig(), [
      scoped((scope) => scope.onDeactivate(() => void trace.push('stop'))),
    ])

    await memory.gateway.validate(limits(1))

    expect(trace).toEqual([])
  })

  it('stops when the gateway does', async () => {
    const trace: string[] = []
    const memory = await startMemory(limits(1), [
      scoped((scope) => {
        scope.defer(() => void trace.push('gone'))
        scope.onDeactivate(() => void trace.push('stop'))
      }),
    ])

    await memory.gateway.shutdown()

    expect(trace).toEqual(['stop', 'gone'])
  })
})

describe('what starts with a configuration', () => {
  it('starts when that is active, and no sooner', async () => {
    const trace: string[] = []
    const memory = await startMemory(plainConfig(), [
      scoped((scope) => {
        trace.push('create')
        scope.onActivate(() => void trace.push('activate'))
      }),
      plugin('hook', ({ hooks }) => hooks.activate.tap('hook', () => void trace.push('hook'))),
    ])
    trace.length = 0

    await memory.gateway.validate(limits(1))
    expect(trace).toEqual(['create'])
    await memory.reload(limits(1))

    expect(trace).toEqual(['create', 'create', 'activate', 'hook'])
    await memory.gateway.shutdown()
  })

  it('does not keep the others from starting when it fails', async () => {
    const trace: string[] = []
    await using memory = await startMemory(limits(1), [
      scoped((scope) => {
        scope.onActivate(() => {
          throw new Error('boom')
        })
        scope.onActivate(rejecting)
        scope.onActivate(() => void trace.push('last'))
      }),
    ])
    await settled()

    expect(trace).toEqual(['last'])
    expect(memory.logs.find('activation failed')).toHaveLength(2)
    expect(await memory.send()).toMatchObject({ status: 200 })
  })
})

interface LimitOptions {
  rate: number
}

function limits(rate: number): ReturnType<typeof chainConfig> {
  return chainConfig({ limit: { type: 'limit', rate } })
}

/** A middleware type whose state outlives reloads as long as its rate stays. */
function buckets(): { trace: string[]; made: unknown[]; plugin: Plugin } {
  const trace: string[] = []
  const made: unknown[] = []
  const create = ({ rate }: LimitOptions, scope: Scope): void => {
    made.push(
      scope.keep(`bucket:${rate}`, () => {
        trace.push(`make ${rate}`)
        return { [Symbol.dispose]: () => void trace.push(`dispose ${rate}`) }
      }),
    )
  }
  return { trace, made, plugin: limiting(create) }
}

function scoped(use: (scope: Scope) => void): Plugin {
  return limiting((_options, scope) => use(scope))
}

function limiting(use: (options: LimitOptions, scope: Scope) => void): Plugin {
  return plugin('limiting', ({ middlewares }) =>
    middlewares.register({
      type: 'limit',
      schema: {
        type: 'object',
        additionalProperties: false,
        required: ['rate'],
        properties: { rate: { type: 'integer', description: 'Requests per second.' } },
      },
      create: (options: LimitOptions, scope) => {
        use(options, scope)
        return { onRequest: () => undefined }
      },
    }),
  )
}

function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}

/** What the compiler takes for a function that returns nothing. */
// oxlint-disable-next-line typescript/no-misused-promises -- the very mistake.
const rejecting: () => void = () => Promise.reject(new Error('bang'))
