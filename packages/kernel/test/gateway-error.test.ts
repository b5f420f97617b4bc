import { describe, expect, expectTypeOf, it } from 'vitest'
import { asGatewayError, errors } from '../src/errors.ts'
import { defineErrors, GatewayError, isGatewayError, problemOf } from '../src/gateway-error.ts'

const catalogue = defineErrors({
  GW_TEST_LOST: {
    status: 503,
    source: 'upstream',
    retryable: true,
    message: (p: { turns: number }) => `lost after ${p.turns} turns`,
  },
  GW_TEST_PLAIN: { status: 400, source: 'client', message: () => 'plain' },
  GW_TEST_BROKEN: { status: 500, source: 'gateway', message: () => 'broken' },
})

describe('an error of a catalogue', () => {
  it('has the properties of its kind', () => {
    const error = catalogue.GW_TEST_LOST({ turns: 7 })

    expect(error).toBeInstanceOf(GatewayError)
    expect(error).toMatchObject({
      name: 'GatewayError',
      code: 'GW_TEST_LOST',
      message: 'lost after 7 turns',
      status: 503,
      source: 'upstream',
      retryable: true,
      problems: [],
      headers: [],
    })
  })

  it('may differ from its kind', () => {
    const cause = new Error('why')
    const error = catalogue.GW_TEST_LOST(
      { turns: 1 },
      { cause, retryable: false, headers: ['retry-after', '1'] },
    )

    expect(error).toMatchObject({ cause, retryable: false, headers: ['retry-after', '1'] })
  })

  it('has a stack only if it may be a bug', () => {
    expect(catalogue.GW_TEST_PLAIN().stack).not.toContain('\n')
    expect(catalogue.GW_TEST_BROKEN().stack).toContain('gateway-error.test.ts')
    expect(new Error('later').stack).toContain('gateway-error.test.ts')
  })

  it('is typed by the parameters of its message', () => {
    expectTypeOf(catalogue.GW_TEST_LOST).parameter(0).toEqualTypeOf<{ turns: number }>()
    // @ts-expect-error -- the parameters are missing.
    void (() => catalogue.GW_TEST_LOST())
    // @ts-expect-error -- the parameter has another type.
    void (() => catalogue.GW_TEST_LOST({ turns: 'one' }))
    // @ts-expect-error -- no such code.
    void (() => catalogue.GW_TEST_OTHER())
  })
})

describe('telling errors apart', () => {
  it('works across copies of the kernel', () => {
    const foreign = Object.assign(new Error('x'), { [Symbol.for('gatewright.error')]: true })

    expect([isGatewayError(foreign), isGatewayError(new Error('x'))]).toEqual([true, false])
    expect([undefined, null, 'x', 1, {}].map(isGatewayError)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ])
  })

  it('gives what no catalogue knows a code', () => {
    const known = errors.GW_DRAINING()
    const cause = new TypeError('x is not a function')

    expect(asGatewayError(known)).toBe(known)
    expect(asGatewayError(cause)).toMatchObject({ code: 'GW_INTERNAL', status: 500, cause })
  })
})

describe('saying what was thrown', () => {
  it.each([
    [new Error('boom'), 'boom'],
    [new TypeError(''), 'TypeError'],
    ['text', 'text'],
    [42, '42'],
    [undefined, 'undefined'],
    [null, 'null'],
    [Symbol('s'), 'Symbol(s)'],
    [Object.create(null), 'an unprintable value'],
    [new TypeError('fetch failed', { cause: new Error('refused') }), 'fetch failed: refused'],
  ])('copes with %s', (thrown, problem) => {
    expect(problemOf(thrown)).toBe(problem)
  })
})
