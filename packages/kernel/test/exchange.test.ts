import { describe, expect, expectTypeOf, it } from 'vitest'
import { errors } from '../src/errors.ts'
import { ContextKey } from '../src/exchange.ts'
import { fakeContext, fakeStream } from './support/contexts.ts'

describe('values on an exchange', () => {
  it('are found by the key itself, not by its name', () => {
    const ctx = fakeContext()
    const user = new ContextKey<{ readonly id: number }>('user')
    const other = new ContextKey<string>('user')

    ctx.set(user, { id: 7 })

    expect(ctx.get(user)).toEqual({ id: 7 })
    expect(ctx.get(other)).toBeUndefined()
  })

  it('have the type of their key', () => {
    const key = new ContextKey<number>('count')
    const ctx = fakeContext()

    expectTypeOf(ctx.get(key)).toEqualTypeOf<number | undefined>()
    // @ts-expect-error -- a string is no number.
    ctx.set(key, 'one')
  })
})

describe('deferred work', () => {
  it('runs in reverse, each piece once, also when one fails', () => {
    const ctx = fakeContext()
    const trace: string[] = []
    const failures: unknown[] = []
    ctx.defer(() => trace.push('first'))
    ctx.defer(() => {
      trace.push('second')
      throw new Error('boom')
    })
    ctx.defer(() => trace.push('third'))

    ctx.runDeferred((error) => failures.push(error))
    ctx.runDeferred((error) => failures.push(error))

    expect(trace).toEqual(['third', 'second', 'first'])
    expect(failures).toEqual([new Error('boom')])
  })

  it('runs at once on an exchange that has ended', () => {
    const ctx = fakeContext()
    const trace: string[] = []
    ctx.runDeferred(() => undefined)

    ctx.defer(() => trace.push('late'))

    expect(trace).toEqual(['late'])
  })

  it('may be asynchronous by mistake without ending the process', async () => {
    const ctx = fakeContext()
    const failures: unknown[] = []
    ctx.defer(rejecting)

    ctx.runDeferred((error) => failures.push(error))
    await new Promise(setImmediate)

    expect(failures).toEqual([new Error('boom')])
  })
})

describe('an abort', () => {
  it('reaches the signal, whenever that is asked for', () => {
    const early = fakeContext()
    const late = fakeContext()
    const { signal } = early
    const reason = errors.GW_CLIENT_ABORTED()

    early.abort(reason)
    late.abort(reason)

    expect([signal.reason, late.signal.reason]).toEqual([reason, reason])
  })

  it('counts the first time only', () => {
    const ctx = fakeContext()
    const interruptions: unknown[] = []
    ctx.interruptible = { interrupt: (error) => interruptions.push(error.code) }

    ctx.abort(errors.GW_CLIENT_ABORTED())
    ctx.abort(errors.GW_DRAINING())

    expect(ctx.abortedBy?.code).toBe('GW_CLIENT_ABORTED')
    expect(interruptions).toEqual(['GW_CLIENT_ABORTED'])
  })

  it('does nothing to an exchange that has ended', () => {
    const ctx = fakeContext()
    ctx.runDeferred(() => undefined)

    ctx.abort(errors.GW_DRAINING())

    expect(ctx.signal.aborted).toBe(false)
  })
})

describe('what fails when it is told of an abort', () => {
  it.each([
    ['a listener that throws', (signal: AbortSignal) => signal.addEventListener('abort', throwing)],
    [
      'an asynchronous listener',
      (signal: AbortSignal) => signal.addEventListener('abort', rejecting),
    ],
    [
      'an object that listens',
      (signal: AbortSignal) => signal.addEventListener('abort', { handleEvent: throwing }),
    ],
    [
      'an event handler',
      (signal: AbortSignal) => {
        // oxlint-disable-next-line unicorn/prefer-add-event-listener -- plugins may do this.
        signal.onabort = throwing
      },
    ],
  ])('%s ends nothing else and is reported', async (_what, listen) => {
    const ctx = fakeContext()
    const failures: unknown[] = []
    const heard: string[] = []
    listen(ctx.signal)
    ctx.signal.addEventListener('abort', () => heard.push('next'))

    ctx.abort(errors.GW_CLIENT_ABORTED())
    ctx.runDeferred((error) => failures.push(error))
    await new Promise(setImmediate)

    expect(heard).toEqual(['next'])
    expect(failures).toEqual([new Error('boom')])
  })

  it('a listener that was removed is not told', () => {
    const ctx = fakeContext()
    const failures: unknown[] = []
    ctx.signal.addEventListener('abort', throwing)

    ctx.signal.removeEventListener('abort', throwing)
    ctx.abort(errors.GW_CLIENT_ABORTED())
    ctx.runDeferred((error) => failures.push(error))

    expect(failures).toEqual([])
  })

  it('a transport that throws keeps the abort from nobody', () => {
    const ctx = fakeContext()
    const failures: unknown[] = []
    const { signal } = ctx
    ctx.interruptible = { interrupt: throwing }

    ctx.abort(errors.GW_CLIENT_ABORTED())
    ctx.runDeferred((error) => failures.push(error))

    expect(signal.aborted).toBe(true)
    expect(failures).toEqual([new Error('boom')])
  })
})

describe('the address of a client', () => {
  it('is that of its connection', () => {
    expect(fakeContext().clientAddress).toBe('192.0.2.7')
    expect(fakeStream().clientAddress).toBe('192.0.2.7')
  })
})

describe('a failing stream', () => {
  it('is refused with the error and its message', () => {
    const refusal = fakeStream().fail(errors.GW_NO_ROUTE({ target: 'db.test' }))

    expect(refusal).toMatchObject({
      reason: 'no route matches "db.test"',
      error: { code: 'GW_NO_ROUTE' },
    })
  })

  it('gives the abort as its reason once it was aborted', () => {
    const stream = fakeStream()
    stream.abort(errors.GW_DRAINING())

    expect(stream.fail(new Error('socket closed')).error?.code).toBe('GW_DRAINING')
  })
})

/** What the compiler takes for a function that returns nothing. */
// oxlint-disable-next-line typescript/no-misused-promises -- the very mistake.
const rejecting: () => void = () => Promise.reject(new Error('boom'))

function throwing(): never {
  throw new Error('boom')
}
