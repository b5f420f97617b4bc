import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  bareMiddleware,
  MemoryGateway,
  middlewaresOf,
  plainConfig,
  plugin,
  startMemory,
} from './support/memory-gateway.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('shutting down', () => {
  it('drains, undoes everything in reverse, and tells plugins', async () => {
    const trace: string[] = []
    const note = (what: string) => (): void => void trace.push(what)
    const memory = await startMemory({ middlewares: { m: { type: 'm' } } }, [
      plugin('p', ({ hooks, middlewares }) => {
        hooks.retire.tap('p', note('retire'))
        hooks.close.tap('p', note('close'))
        middlewares.register(
          bareMiddleware('m', (scope) => {
            scope.defer(note('first'))
            scope.defer(note('second'))
            scope.keep('k', () => ({ [Symbol.dispose]: note('resource') }))
            return {}
          }),
        )
      }),
    ])

    await memory.gateway.shutdown()

    expect(trace).toEqual(['retire', 'second', 'first', 'resource', 'close'])
    expect(memory.gateway.state).toBe('stopped')
    expect(memory.network.boundAddresses).toEqual([])
  })

  it('lets exchanges end, and says meanwhile that it drains', async () => {
    const memory = await startMemory()
    const { web } = memory
    const exchange = web.open()
    await exchange.answer

    const shutdown = memory.gateway.shutdown()
    await new Promise(setImmediate)
    expect([memory.gateway.state, web.ingress.draining]).toEqual(['draining', true])
    expect(memory.network.boundAddresses).toEqual([])
    expect(await exchange.read()).toMatchObject({ status: 200 })
    await shutdown

    expect(memory.gateway.state).toBe('stopped')
    expect(exchange.ctx.abortedBy).toBeUndefined()
  })

  it('cuts exchanges off when its time is over', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const memory = await startMemory({ shutdown_timeout_secs: 5 })
    const deferred: string[] = []
    const exchange = memory.web.open()
    exchange.ctx.defer(() => deferred.push('done'))
    await exchange.answer

    const shutdown = memory.gateway.shutdown()
    await vi.advanceTimersByTimeAsync(4999)
    expect(exchange.ctx.abortedBy).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    await shutdown

    expect(exchange.ctx.abortedBy?.code).toBe('GW_DRAINING')
    expect(deferred).toEqual(['done'])
    expect(memory.gateway.exchanges).toBe(0)
  })

  it('goes on without a server that does not let its connections go', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const memory = await startMemory({ shutdown_timeout_secs: 5 })
    memory.web.drain = () => new Promise(() => undefined)

    const shutdown = memory.gateway.shutdown()
    await vi.advanceTimersByTimeAsync(15_000)
    await shutdown

    expect(memory.logs.find('draining failed')).toMatchObject([{ entrypoint: 'web' }])
  })

  it('goes on without deferred work and resources that do not end', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const memory = await startMemory({ middlewares: { m: { type: 'm' } } }, [
      middlewaresOf({
        m: (scope) => {
          scope.defer(never)
          scope.keep('k', () => ({ [Symbol.asyncDispose]: never }))
          return {}
        },
      }),
    ])

    const shutdown = memory.gateway.shutdown()
    await vi.advanceTimersByTimeAsync(10_000)
    await vi.advanceTimersByTimeAsync(10_000)
    await shutdown

    expect(memory.logs.find('cleaning up failed')).toHaveLength(1)
    expect(memory.logs.find('a kept resource could not be disposed')).toHaveLength(1)
  })

  it('has one end, however often it is asked for', async () => {
    const closed: string[] = []
    const memory = await startMemory({}, [
      plugin('p', ({ hooks }) => hooks.close.tap('p', () => void closed.push('x'))),
    ])

    const [first, second] = [memory.gateway.shutdown(), memory.gateway.shutdown()]
    await Promise.all([first, second, memory.gateway[Symbol.asyncDispose]()])
    await memory.gateway.shutdown()

    expect(closed).toEqual(['x'])
  })

  it('is nothing for a gateway that was never started', async () => {
    const memory = new MemoryGateway()

    await memory.gateway.shutdown()

    expect(memory.gateway.state).toBe('stopped')
    await expect(memory.gateway.start(plainConfig())).rejects.toMatchObject({
      code: 'GW_ALREADY_STARTED',
    })
  })

  it('waits for a start, and then stops', async () => {
    const memory = new MemoryGateway([plugin('slow', () => new Promise(setImmediate))])

    const start = memory.gateway.start(plainConfig())
    await memory.gateway.shutdown()
    await start

    expect(memory.gateway.state).toBe('stopped')
    expect(memory.network.boundAddresses).toEqual([])
  })

  it('waits for a reload that runs, and refuses those that wait', async () => {
    const memory = await startMemory()
    const gate = Promise.withResolvers<void>()
    memory.network.onListen = () => gate.promise
    const other = plainConfig({ entrypoints: { web: { address: '127.0.0.1:81' } } })
    const running = memory.reload(other)
    await new Promise(setImmediate)
    const waiting = memory.reload(plainConfig()).catch((error: unknown) => error)

    const shutdown = memory.gateway.shutdown()
    gate.resolve()

    expect((await running).version).toBe(2)
    expect(await waiting).toMatchObject({ code: 'GW_NOT_STARTED' })
    await shutdown
    expect(memory.network.boundAddresses).toEqual([])
    expect(memory.gateway.liveSnapshots).toBe(0)
  })

  it('ends every reload after it', async () => {
    const memory = await startMemory()
    await memory.gateway.shutdown()

    await expect(memory.reload(plainConfig())).rejects.toMatchObject({
      code: 'GW_NOT_STARTED',
      message: 'the gateway is stopped; expected running',
    })
  })

  it('has nothing to close after a start that failed', async () => {
    const memory = new MemoryGateway()
    await memory.gateway.start({ colour: 'red' }).catch(() => undefined)

    await memory.gateway.shutdown()

    expect(memory.gateway.state).toBe('stopped')
  })
})

function never(): Promise<void> {
  return new Promise(() => undefined)
}
