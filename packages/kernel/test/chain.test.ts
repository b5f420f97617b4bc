import { describe, expect, it } from 'vitest'
import { Completion, isThenable } from '../src/awaitable.ts'
import { type ChainLink, compileChain } from '../src/chain.ts'
import { defineErrors } from '../src/gateway-error.ts'
import type { Filter, Middleware } from '../src/middleware.ts'
import { GatewayResponse } from '../src/response.ts'
import { PushedSource } from './support/bodies.ts'
import { answering, badResult, chainOf, failing, link, times, tracing } from './support/chains.ts'
import { fakeContext } from './support/contexts.ts'

const catalogue = defineErrors({
  GW_TEST_DENIED: { status: 403, source: 'client', message: () => 'denied' },
})

describe('the order of a chain', () => {
  it('runs in order on the way in and in reverse on the way out', () => {
    const { run, trace } = chainOf({ a: tracing(), b: tracing(), c: tracing() })

    run()

    expect(trace).toEqual(['a in', 'b in', 'c in', 'service', 'c out', 'b out', 'a out'])
  })

  it.each([
    { answers: 'a', rest: ['a in'] },
    { answers: 'b', rest: ['a in', 'b in', 'a out'] },
    { answers: 'c', rest: ['a in', 'b in', 'c in', 'b out', 'a out'] },
  ])('turns round at the filter that answers: $answers', ({ answers, rest }) => {
    const { run, trace } = chainOf({
      a: tracing({ answers: answers === 'a' }),
      b: tracing({ answers: answers === 'b' }),
      c: tracing({ answers: answers === 'c' }),
    })

    const response = run()

    expect(trace).toEqual(rest)
    expect(response).toMatchObject({ status: 204 })
  })

  it('says who answered', () => {
    const { run, ctx } = chainOf({ a: tracing(), b: tracing({ answers: true }) })

    run()

    expect(ctx.answeredBy).toBe('middleware "b"')
  })

  it('mixes filters that finish at once with those that do not', async () => {
    const { run, trace } = chainOf({
      a: tracing(),
      b: tracing({ async: true }),
      c: tracing(),
      d: tracing({ async: true }),
    })

    await run()

    expect(trace).toEqual([
      'a in',
      'b in',
      'c in',
      'd in',
      'service',
      'd out',
      'c out',
      'b out',
      'a out',
    ])
  })

  it('passes by filters that look in one direction only', () => {
    const { run, trace } = chainOf({
      a: { onRequest: () => void trace.push('a in') },
      b: { onResponse: () => void trace.push('b out') },
      c: {},
    })

    run()

    expect(trace).toEqual(['a in', 'service', 'b out'])
  })

  it('is the terminal itself, guarded, without middlewares', () => {
    const { run, trace } = chainOf({})

    expect(run()).toMatchObject({ status: 200 })
    expect(trace).toEqual(['service'])
  })

  it('takes 10,000 filters that finish at once', () => {
    let calls = 0
    const count: Filter = { onRequest: () => void calls++, onResponse: () => void calls++ }
    const { run } = chainOf(Object.fromEntries(times(10_000, (i) => [`f${i}`, count])))

    expect(run()).toMatchObject({ status: 200 })
    expect(calls).toBe(20_000)
  })

  it('takes 10,000 filters that do not finish at once', async () => {
    let calls = 0
    const count: Filter = {
      onRequest: async () => void calls++,
      onResponse: async () => void calls++,
    }
    const { run } = chainOf(Object.fromEntries(times(10_000, (i) => [`f${i}`, count])))

    expect(await run()).toMatchObject({ status: 200 })
    expect(calls).toBe(20_000)
  })

  it('does not see a filter that is added after it was compiled', () => {
    const trace: string[] = []
    const links = [link('a', { onRequest: () => void trace.push('a') })]
    const handle = compileChain(links, answering(200))
    links.push(link('late', { onRequest: () => void trace.push('late') }))

    void handle(fakeContext())

    expect(trace).toEqual(['a'])
  })
})

describe('the cost of a chain', () => {
  it('returns no promise when everything finishes at once', () => {
    const { run } = chainOf({
      a: tracing(),
      b: { around: (ctx, next) => next(ctx) },
      c: tracing(),
    })

    expect(run()).toBeInstanceOf(GatewayResponse)
  })

  it('comes back in the turn in which a filter finishes', () => {
    const later = new Completion<undefined>()
    const { run } = chainOf({ a: { onRequest: () => later }, b: tracing() })
    let response: unknown

    const pending = run()
    if (isThenable(pending)) pending.then((settled) => (response = settled))
    later.resolve(undefined)

    expect(response).toMatchObject({ status: 200 })
  })
})

describe('a filter that fails', () => {
  it.each([
    { position: 'first', name: 'a', seen: [] },
    { position: 'middle', name: 'b', seen: ['a 500'] },
    { position: 'last', name: 'c', seen: ['b 500', 'a 500'] },
  ])('is seen by those outside of it: $position', async ({ name, seen }) => {
    for (const how of ['throws', 'rejects'] as const) {
      const outside: string[] = []
      const watch = (own: string): Middleware => ({
        onRequest: () => (own === name ? failing(how) : undefined),
        onResponse: (_ctx, { status }) => void outside.push(`${own} ${status}`),
      })
      const { run, trace } = chainOf({ a: watch('a'), b: watch('b'), c: watch('c') })

      const response = await run()

      expect(response.error).toMatchObject({
        code: 'GW_PLUGIN_ERROR',
        message: `middleware "${name}" failed in onRequest: boom`,
      })
      expect(outside).toEqual(seen)
      expect(trace).toEqual([])
    }
  })

  it.each(['throws', 'rejects'] as const)(
    'answers with the status of an error that it %s from a catalogue',
    async (how) => {
      const deny = (): Promise<undefined> => {
        const error = catalogue.GW_TEST_DENIED()
        if (how === 'rejects') return Promise.reject(error)
        throw error
      }
      const { run, ctx } = chainOf({ auth: { onRequest: deny } })

      const response = await run()

      expect(response).toMatchObject({ status: 403, error: { code: 'GW_TEST_DENIED' } })
      expect(ctx.answeredBy).toBe('middleware "auth"')
    },
  )

  it.each(['throws', 'rejects'] as const)(
    'loses the response when onResponse %s, and frees its body',
    async (how) => {
      const body = new PushedSource(['x'])
      const seen: number[] = []
      const { run } = chainOf(
        {
          outer: { onResponse: (_ctx, { status }) => void seen.push(status) },
          bad: { onResponse: () => failing(how) },
        },
        () => new GatewayResponse({ status: 200, body }),
      )

      const response = await run()

      expect(response).toMatchObject({
        status: 502,
        error: { code: 'GW_PLUGIN_RESPONSE_ERROR' },
      })
      expect(seen).toEqual([502])
      expect(body.cancelled).toBe(true)
    },
  )

  it('keeps the status of a catalogued error that onResponse throws', async () => {
    const { run } = chainOf({
      bad: {
        onResponse: () => {
          throw catalogue.GW_TEST_DENIED()
        },
      },
    })

    expect(await run()).toMatchObject({ status: 403 })
  })

  it.each(['throws', 'rejects'] as const)(
    'lets the response pass if its factory says so and onResponse %s',
    async (how) => {
      const ignored: unknown[] = []
      const open: ChainLink = {
        owner: 'middleware "stamp"',
        middleware: { onResponse: () => failing(how) },
        failure: { response: 'open' },
        onIgnoredFailure: (error) => ignored.push(error),
      }

      const response = await compileChain([open], answering(200))(fakeContext())

      expect(response).toMatchObject({ status: 200, error: undefined })
      expect(ignored).toEqual([new Error('boom')])
    },
  )

  it.each([
    ['a string', 'yes'],
    ['a number', 0],
    ['false', false],
    ['an object', { status: 200 }],
    ['a class', GatewayResponse],
  ])('is refused when it returns %s', async (_what, nonsense) => {
    const body = new PushedSource(['x'])
    const bad = (): never => nonsense as never
    const inbound = chainOf({ bad: { onRequest: bad } })
    const inboundLater = chainOf({ bad: { onRequest: () => Promise.resolve(bad()) } })
    const outbound = chainOf(
      { bad: { onResponse: bad } },
      () => new GatewayResponse({ status: 200, body }),
    )

    expect(await inbound.run()).toMatchObject({ status: 500, error: badResult('onRequest') })
    expect(await inboundLater.run()).toMatchObject({ status: 500, error: badResult('onRequest') })
    expect(await outbound.run()).toMatchObject({ status: 500, error: badResult('onResponse') })
    expect(body.cancelled).toBe(true)
    expect([inbound.trace, inboundLater.trace]).toEqual([[], []])
  })

  it('is refused when it returns a thenable that cannot be listened to', async () => {
    const trap = new Proxy({}, { has: () => failing('throws') as never })
    const { run } = chainOf({ bad: { onRequest: () => trap as never } })

    expect(await run()).toMatchObject({ status: 500 })
  })

  it('goes on when it returns null', async () => {
    const { run, trace } = chainOf({
      a: { onRequest: nothing, onResponse: nothing },
      b: {
        onRequest: () => Promise.resolve(nothing()),
        onResponse: () => Promise.resolve(nothing()),
      },
    })

    expect(await run()).toMatchObject({ status: 200 })
    expect(trace).toEqual(['service'])
  })
})

describe('a replaced response', () => {
  it.each([true, false])('goes on outwards in place of the old one (async: %s)', async (async) => {
    const seen: number[] = []
    const replace = (status: number): Filter => ({
      onResponse: (_ctx, response) => {
        seen.push(response.status)
        const next = new GatewayResponse({ status })
        return async ? Promise.resolve(next) : next
      },
    })
    const { run } = chainOf({ a: replace(203), b: replace(202) })

    expect(await run()).toMatchObject({ status: 203 })
    expect(seen).toEqual([200, 202])
  })
})

describe('the service at the end', () => {
  it.each(['throws', 'rejects'] as const)('becomes an error response when it %s', async (how) => {
    const seen: (string | undefined)[] = []
    const { run } = chainOf(
      { a: { onResponse: (_ctx, { error }) => void seen.push(error?.code) } },
      () => failing(how),
    )

    expect(await run()).toMatchObject({ status: 500, error: { code: 'GW_INTERNAL' } })
    expect(seen).toEqual(['GW_INTERNAL'])
  })
})

/** What a plugin in plain JavaScript may well return. */
function nothing(): undefined {
  return null as unknown as undefined
}
