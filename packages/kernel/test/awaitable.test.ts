import { describe, expect, expectTypeOf, it } from 'vitest'
import { Completion, isThenable } from '../src/awaitable.ts'

describe('a completion', () => {
  it('calls back at once, whether it is settled before or after', () => {
    const trace: unknown[] = []
    const early = new Completion<number>()
    early.resolve(1)
    early.then((value) => trace.push(value))
    const late = new Completion<number>()
    late.then((value) => trace.push(value))
    late.resolve(2)

    expect(trace).toEqual([1, 2])
  })

  it('is settled once', () => {
    const trace: unknown[] = []
    const completion = new Completion<number>()
    completion.then(
      (value) => trace.push(value),
      (reason) => trace.push(reason),
    )

    completion.resolve(1)
    completion.resolve(2)
    completion.reject(new Error('late'))

    expect(trace).toEqual([1])
    expect(completion.pending).toBe(false)
  })

  it('passes values and failures through a chain', () => {
    const trace: unknown[] = []
    const completion = new Completion<number>()
    completion
      .then((value) => value + 1)
      .then(() => raise(new Error('boom')))
      .then(() => trace.push('never'))
      .then(undefined, (reason) => trace.push(reason))

    completion.resolve(1)

    expect(trace).toEqual([new Error('boom')])
  })

  it('takes over what a handler returns, promise or completion', async () => {
    const completion = new Completion<number>()
    const chained = completion
      .then((value) => Promise.resolve(value + 1))
      .then((value) => {
        const next = new Completion<string>()
        next.resolve(`${value}`)
        return next
      })
    expectTypeOf(chained).toEqualTypeOf<Completion<string>>()
    completion.resolve(1)

    expect(await chained).toBe('2')
  })

  it('can be awaited', async () => {
    const resolved = new Completion<number>()
    const rejected = new Completion<number>()
    resolved.resolve(1)
    rejected.reject(new Error('boom'))

    expect(await resolved).toBe(1)
    await expect(rejected).rejects.toThrow('boom')
  })

  it('does not report a failure that nobody listens to', async () => {
    new Completion<number>().reject(new Error('boom'))
    const chained = new Completion<number>()
    chained.then((value) => value)
    chained.reject(new Error('boom'))

    await new Promise(setImmediate)
    expect(chained.pending).toBe(false)
  })

  it('fails with a thenable that throws instead of calling back', async () => {
    const broken = new Proxy(Promise.resolve(1), { get: () => () => raise(new Error('broken')) })

    await expect(new Completion<number>().follow(broken)).rejects.toThrow('broken')
  })

  it('tells every listener', () => {
    const trace: number[] = []
    const completion = new Completion<number>()
    for (const step of [1, 2, 3]) completion.then((value) => trace.push(value * step))

    completion.resolve(10)

    expect(trace).toEqual([10, 20, 30])
  })
})

describe('a thenable', () => {
  it.each([
    [Promise.resolve(1), true],
    [new Completion<number>(), true],
    [{}, false],
    [{ next: () => undefined }, false],
    [null, false],
    [undefined, false],
    ['then', false],
  ])('is what has a method then: %s', (value, expected) => {
    expect(isThenable(value)).toBe(expected)
  })
})

function raise(error: unknown): never {
  throw error
}
