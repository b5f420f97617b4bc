import { describe, expect, it } from 'vitest'
import type { Around, Middleware } from '../src/middleware.ts'
import { GatewayResponse } from '../src/response.ts'
import { PushedSource } from './support/bodies.ts'
import { badResult, chainOf, failing, times, tracing } from './support/chains.ts'

describe('an around', () => {
  it.each([0, 1, 3])('runs what is inside as often as it calls next: %i', async (calls) => {
    const { run, trace } = chainOf({
      outer: tracing(),
      repeat: {
        around: async (ctx, next) => {
          let response = new GatewayResponse({ status: 429 })
          for (let i = 0; i < calls; i++) response = await next(ctx)
          return response
        },
      },
      inner: tracing(),
    })

    const response = await run()

    const inside = ['inner in', 'service', 'inner out']
    expect(trace).toEqual(['outer in', ...times(calls, () => inside).flat(), 'outer out'])
    expect(response.status).toBe(calls === 0 ? 429 : 200)
  })

  it('stands around the arounds inside of it', () => {
    const trace: string[] = []
    const wrap = (name: string): Middleware => ({
      around: (ctx, next) => {
        trace.push(`${name} in`)
        const response = next(ctx)
        trace.push(`${name} out`)
        return response
      },
    })
    const { run } = chainOf({ a: wrap('a'), b: wrap('b'), c: wrap('c') })

    void run()

    expect(trace).toEqual(['a in', 'b in', 'c in', 'c out', 'b out', 'a out'])
  })

  it('nests 500 deep', async () => {
    const wrap: Middleware = { around: async (ctx, next) => next(ctx) }
    const { run } = chainOf(Object.fromEntries(times(500, (i) => [`a${i}`, wrap])))

    expect(await run()).toMatchObject({ status: 200 })
  })

  it.each(['throws', 'rejects'] as const)('is contained when it %s', async (how) => {
    const { run } = chainOf({ bad: { around: () => failing(how) } })

    expect(await run()).toMatchObject({
      status: 500,
      error: {
        code: 'GW_PLUGIN_ERROR',
        message: 'middleware "bad" failed in around: boom',
      },
    })
  })

  it.each(['throws', 'rejects'] as const)(
    'frees the body of the last response when it %s',
    async (how) => {
      const body = new PushedSource(['x'])
      const { run } = chainOf(
        {
          bad: {
            around: (ctx, next) => {
              void next(ctx)
              return failing(how)
            },
          },
        },
        () => new GatewayResponse({ status: 200, body }),
      )

      expect(await run()).toMatchObject({ status: 500 })
      expect(body.cancelled).toBe(true)
    },
  )

  it.each([undefined, null, 'yes', { status: 200 }])(
    'is refused when it returns %s',
    async (bad) => {
      const body = new PushedSource(['x'])
      for (const result of [bad, Promise.resolve(bad)]) {
        const { run } = chainOf(
          { bad: { around: lossy(result) } },
          () => new GatewayResponse({ status: 200, body }),
        )

        expect(await run()).toMatchObject({ status: 500, error: badResult('around') })
        expect(body.cancelled).toBe(true)
      }
    },
  )

  it('gets a response, not a rejection, when what is inside fails', async () => {
    const { run } = chainOf(
      { fallback: { around: async (ctx, next) => fallback(await next(ctx)) } },
      () => failing('rejects'),
    )

    expect(await run()).toMatchObject({ status: 202 })
  })
})

function fallback(response: GatewayResponse): GatewayResponse {
  return response.error === undefined ? response : new GatewayResponse({ status: 202 })
}

/** Asks for a response and then returns something else. */
function lossy(result: unknown): Around['around'] {
  return (ctx, next) => {
    void next(ctx)
    return result as GatewayResponse
  }
}
