import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Scope } from '../src/scope.ts'
import {
  chainConfig,
  MemoryGateway,
  middlewaresOf,
  plainConfig,
  startMemory,
} from './support/memory-gateway.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] })
})
afterEach(() => vi.useRealTimers())

describe('a timer of a block', () => {
  it('runs while its configuration is the active one', async () => {
    const trace: string[] = []
    await using memory = await startWith((scope) => {
      scope.setInterval(() => trace.push('interval'), 1000)
      scope.setTimeout(() => trace.push('timeout'), 1500)
    })

    vi.advanceTimersByTime(2500)
    await memory.reload(plainConfig())
    vi.advanceTimersByTime(10_000)

    expect(trace).toEqual(['interval', 'timeout', 'interval'])
  })

  it('never runs for a configuration that is only checked', async () => {
    const fn = vi.fn<() => void>()
    await using memory = new MemoryGateway([probe((scope) => scope.setInterval(fn, 10))])

    await memory.gateway.validate(config)
    vi.advanceTimersByTime(100)

    expect(fn).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('can be set later, and ended early', async () => {
    const trace: string[] = []
    let scope: Scope | undefined
    await using memory = await startWith((given) => (scope = given))

    const interval = scope?.setInterval(() => trace.push('interval'), 10)
    scope?.setTimeout(() => trace.push('timeout'), 15)
    vi.advanceTimersByTime(25)
    interval?.[Symbol.dispose]()
    vi.advanceTimersByTime(100)
    await memory.reload(plainConfig())
    scope?.setInterval(() => trace.push('too late'), 10)
    vi.advanceTimersByTime(100)

    expect(trace).toEqual(['interval', 'timeout', 'interval'])
  })

  it('goes on after a failure, which is logged, and waits for what it has begun', async () => {
    const begun: PromiseWithResolvers<void>[] = []
    await using memory = await startWith((scope) => {
      scope.setInterval(() => {
        const one = Promise.withResolvers<void>()
        begun.push(one)
        if (begun.length === 1) throw new Error('thrown')
        return one.promise
      }, 10)
    })

    vi.advanceTimersByTime(50)
    expect(begun).toHaveLength(2)
    begun[1]?.reject(new Error('rejected'))
    await begun[1]?.promise.catch(() => undefined)
    vi.advanceTimersByTime(10)

    expect(begun).toHaveLength(3)
    expect(memory.logs.find('timer failed')).toMatchObject([
      { plugin: 'test-middlewares', middleware: 'it', err: { message: 'thrown' } },
      { middleware: 'it', err: { message: 'rejected' } },
    ])
  })
})

describe('what a block uses', () => {
  it('is disposed with its configuration, the last first', async () => {
    const trace: string[] = []
    await using memory = await startWith((scope) => {
      scope.use({ [Symbol.dispose]: () => void trace.push('first') })
      scope.signal.addEventListener('abort', () => trace.push('aborted'))
      scope.use({ [Symbol.asyncDispose]: async () => void trace.push('last') })
    })
    expect(trace).toEqual([])

    await memory.reload(plainConfig())
    await memory.gateway.shutdown()

    expect(trace).toEqual(['last', 'aborted', 'first'])
  })

  it('has one signal', async () => {
    const signals: AbortSignal[] = []
    await using memory = await startWith((scope) => signals.push(scope.signal, scope.signal))

    expect(memory.gateway.state).toBe('running')
    expect(signals[0]).toBe(signals[1])
    expect(signals[0]?.aborted).toBe(false)
  })
})

const config = chainConfig({ it: { type: 'probe' } })

function probe(create: (scope: Scope) => unknown) {
  return middlewaresOf({
    probe: (scope) => {
      create(scope)
      return { onRequest: () => undefined }
    },
  })
}

function startWith(create: (scope: Scope) => unknown): Promise<MemoryGateway> {
  return startMemory(config, [probe(create)])
}

describe('the functions of a scope', () => {
  it('work on their own, as authors take them out of it', async () => {
    const trace: string[] = []
    await using memory = await startWith(({ onActivate, setTimeout, defer, keep, resolvePath }) => {
      const kept = keep('one', () => ({ [Symbol.dispose]: () => void trace.push('disposed') }))
      onActivate(() => trace.push(typeof kept))
      setTimeout(() => trace.push('timeout'), 10)
      defer(() => void trace.push(resolvePath('/a/../b')))
    })

    vi.advanceTimersByTime(10)
    await memory.reload(plainConfig())

    await memory.gateway.shutdown()

    expect(trace).toEqual(['object', 'timeout', '/b', 'disposed'])
  })
})

describe('what a scope keeps', () => {
  it('is one for the blocks of a plugin, and another one for each plugin', async () => {
    const made: string[] = []
    const given = new Map<string, object>()
    const keeper = ({ name, keep }: Scope): { onRequest: () => undefined } => {
      const resource = keep('same', () => {
        made.push(name)
        return { [Symbol.dispose]: () => undefined }
      })
      given.set(name, resource)
      return { onRequest: () => undefined }
    }
    const own = middlewaresOf({ own: keeper }, 'own')
    const others = middlewaresOf({ other: async (scope) => keeper(scope) }, 'other')

    const blocks = { a: { type: 'own' }, b: { type: 'own' }, c: { type: 'other' } }
    await using _ = await startMemory(chainConfig(blocks), [own, others])

    expect(made).toEqual(['a', 'c'])
    expect(given.get('b')).toBe(given.get('a'))
  })
})
