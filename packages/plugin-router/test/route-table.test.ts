import type { Exchange, RouterEntry } from '@gatewright/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RouterOptions } from '../src/index.ts'
import { type Condition, conditions, holds, print } from './rule-model.ts'
import {
  compileEntries,
  compileRouters,
  exchangeOf,
  routerEntry,
  type TestRequest,
  thirdPartyMatcher,
} from './test-routing.ts'

interface ModelRouter {
  readonly name: string
  readonly condition: Condition
  readonly priority: number
  readonly entrypoints: readonly string[]
}

const modelRouters: fc.Arbitrary<ModelRouter[]> = fc.uniqueArray(
  fc.record({
    // All of the same length, so that names in a rule do not decide which rule is longer.
    name: fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 3, maxLength: 3 }),
    condition: conditions,
    priority: fc.oneof(fc.constant(0), fc.integer({ min: -3, max: 60 })),
    entrypoints: fc.constantFrom(['web'], ['other'], ['web', 'other']),
  }),
  { selector: ({ name }) => name, maxLength: 25 },
)

const requests: fc.Arbitrary<Required<Omit<TestRequest, 'client' | 'encrypted'>>> = fc.record({
  host: fc.constantFrom('a.com', 'b.com', 'x.a.com', 'y.x.a.com', 'a.com:81', 'none.org', ''),
  target: fc.constantFrom('/', '/a', '/ab', '/abc', '/a/b', '/a/bc?q', '/b', '/z', '*', '/%61b'),
  method: fc.constantFrom('GET', 'POST'),
  headers: fc.constantFrom([], [['X-A', '1'] as const], [['X-A', '2'] as const]),
  entrypoint: fc.constantFrom('web', 'other', 'unknown'),
})

const orders = fc.constantFrom<RouterOptions['priority_order']>('ascending', 'descending')

/** The routers of an entrypoint as a reader of the documentation would put them in order. */
function inOrder(
  routers: readonly ModelRouter[],
  order: RouterOptions['priority_order'],
  entrypoint: string,
): ModelRouter[] {
  const here = routers.filter(({ entrypoints }) => entrypoints.includes(entrypoint))
  if (order === 'ascending') {
    return here.toSorted((a, b) => a.priority - b.priority || (a.name < b.name ? -1 : 1))
  }
  const length = ({ condition }: ModelRouter): number => print(condition).length
  const number = (router: ModelRouter): number => router.priority || length(router)
  return here.toSorted(
    (a, b) => number(b) - number(a) || length(b) - length(a) || (a.name < b.name ? -1 : 1),
  )
}

function entriesOf(
  routers: readonly ModelRouter[],
  ruleOf: (router: ModelRouter) => string,
): RouterEntry[] {
  return routers.map((router) => {
    const { name, priority, entrypoints } = router
    return routerEntry(name, { rule: ruleOf(router), priority, entrypoints })
  })
}

describe('route table', () => {
  it('finds what a walk over all routers in priority order finds', () => {
    fc.assert(
      fc.property(
        modelRouters,
        fc.array(requests, { minLength: 1, maxLength: 30 }),
        orders,
        (routers, sent, order) => {
          const { route, findRoute, problems } = compileEntries(
            entriesOf(routers, ({ condition }) => print(condition)),
            { priority_order: order },
          )

          expect(problems).toEqual([])
          for (const request of sent) {
            const expected = inOrder(routers, order, request.entrypoint).find(({ condition }) =>
              holds(condition, request),
            )
            expect(route(request)).toBe(expected?.name)
            const verdicts = findRoute.explain?.(exchangeOf(request))
            expect(verdicts?.find(({ matches }) => matches)?.router).toBe(expected?.name)
          }
        },
      ),
      { numRuns: 400 },
    )
  })

  it('asks in priority order, each router once, and nothing behind the one that fits', () => {
    const asked: string[] = []
    const probe = thirdPartyMatcher('Probe', (_: Exchange, name = '') => {
      asked.push(name)
      return fits(name)
    })

    fc.assert(
      fc.property(modelRouters, requests, (drawn, request) => {
        // The length of the rule is another one with the probe in it.
        const routers = drawn.map((router) => ({ ...router, priority: router.priority || 30 }))
        const entries = entriesOf(
          routers,
          ({ name, condition }) => `Probe(\`${name}\`) && (${print(condition)})`,
        )
        const order = inOrder(routers, 'descending', request.entrypoint)
        const names = order.map(({ name }) => name)
        asked.length = 0

        const found = compileEntries(entries, {}, [probe]).route(request)

        const first = order.find((router) => fits(router.name) && holds(router.condition, request))
        const last = first === undefined ? names.length : names.indexOf(first.name) + 1
        expect(found).toBe(first?.name)
        expect(names.slice(0, last).filter((name) => asked.includes(name))).toEqual(asked)
      }),
      { numRuns: 300 },
    )
  })

  it('has no other router for a request whose route fails', () => {
    const { findRoute } = compileRouters({ first: 'Path(`/`)', second: 'Host(`a`)' })

    const route = findRoute(exchangeOf({ host: 'a' }))

    expect(route?.router).toBe('first')
    expect(route?.service).toBe('app')
  })

  it('filters by entrypoint before it looks at rules', () => {
    const { route } = compileRouters({
      web: { rule: 'Host(`a`)', entrypoints: ['web'], priority: 100 },
      both: { rule: 'PathPrefix(`/`)', entrypoints: ['web', 'admin', 'web'] },
    })

    expect(route({ host: 'a', entrypoint: 'web' })).toBe('web')
    expect(route({ host: 'a', entrypoint: 'admin' })).toBe('both')
    expect(route({ host: 'a', entrypoint: 'other' })).toBeUndefined()
  })

  it('finds nothing without routers', () => {
    expect(compileRouters({}).route({})).toBeUndefined()
  })

  it('asks only the routers whose host and path fit', () => {
    const asked: string[] = []
    const probe = thirdPartyMatcher('Probe', (_: Exchange, name = '') => {
      asked.push(name)
      return true
    })
    const routers = Object.fromEntries(
      Array.from({ length: 1000 }, (_, i) => [
        `r${i}`,
        `Host(\`h${i % 10}.com\`) && PathPrefix(\`/p${i}/\`) && Probe(\`r${i}\`)`,
      ]),
    )
    const { route } = compileRouters(routers, {}, [probe])

    expect(route({ host: 'h7.com', target: '/p537/x' })).toBe('r537')
    expect(route({ host: 'h8.com', target: '/p537/x' })).toBeUndefined()
    expect(asked).toEqual(['r537'])
  })

  it('builds in a time that grows no faster than the routers do, or little faster', () => {
    const work = [2500, 5000].map((count) => {
      let reads = 0
      const entries = Array.from({ length: count }, (_, i) => {
        const rule = `Host(\`h${i % 500}.com\`) && PathPrefix(\`/p${i}\`)`
        return new Proxy(routerEntry(`r${i}`, rule), {
          get(entry, key, receiver) {
            reads++
            return Reflect.get(entry, key, receiver)
          },
        })
      })
      const { route } = compileEntries(entries)
      expect(route({ host: 'h7.com', target: '/p507' })).toBe('r507')
      return reads
    })

    const [half = 0, whole = 0] = work
    expect(whole).toBeLessThan(half * 2.5)
    expect(whole).toBeLessThan(5000 * 200)
  })
})

/** What the probe of a router answers. */
function fits(name: string): boolean {
  return name.startsWith('c')
}
