import type { Attempt, Balancer, BalancerFactory, Scope } from '@gatewright/kernel'
import { array, assert, constantFrom, integer, property, subarray } from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  consistentHash,
  ipHash,
  leastConnections,
  leastLatency,
  random,
  randomTwoChoices,
  roundRobin,
  weighted,
} from '../src/index.ts'
import { connectionFrom } from './exchange.ts'
import { TestPool } from './pool.ts'

const strategies = [
  { type: 'round-robin', factory: roundRobin, options: {} },
  { type: 'weighted', factory: weighted, options: {} },
  { type: 'least-connections', factory: leastConnections, options: {} },
  { type: 'random', factory: random, options: {} },
  { type: 'random-two-choices', factory: randomTwoChoices, options: {} },
  {
    type: 'consistent-hash',
    factory: consistentHash,
    options: { hash_on: 'client_ip', hash_missing: 'client_ip', load_factor: 1.25 },
  },
  { type: 'ip-hash', factory: ipHash, options: {} },
  { type: 'least-latency', factory: leastLatency, options: { decay: 10_000 } },
]
const names = ['a', 'b', 'c', 'd']

describe.each(strategies)('strategy $type', (strategy) => {
  it('takes nobody from an empty pool', () => {
    const pool = new TestPool({ a: 1 })
    pool.keepUp()

    expect(pool.pick(create(strategy))).toBeUndefined()
  })

  it('takes available endpoints only, however they change', () => {
    const change = subarray(names, { minLength: 1 })
    assert(
      property(array(change, { minLength: 1, maxLength: 20 }), (changes) => {
        const pool = new TestPool({ a: 1, b: 2, c: 3, d: 4 })
        const balancer = create(strategy)

        for (const up of changes) {
          pool.keepUp(...up)
          expect(up).toContain(pool.pick(balancer))
        }
      }),
    )
  })

  it('takes an endpoint that the exchange has not tried as long as there is one', () => {
    const tried = array(constantFrom(...names), { minLength: 1, maxLength: 6 })
    assert(
      property(tried, integer({ min: 0, max: 5 }), (before, warmUp) => {
        const pool = new TestPool({ a: 1, b: 2, c: 3, d: 4 })
        const balancer = create(strategy)
        pool.picks(balancer, warmUp)
        const untried = names.filter((name) => !before.includes(name))

        const picked = pool.pick(balancer, ...before)

        expect(untried.length === 0 ? names : untried).toContain(picked)
      }),
    )
  })

  it('takes a tried endpoint again if there is no other', () => {
    const pool = new TestPool({ a: 1 })

    expect(pool.pick(create(strategy), 'a', 'a')).toBe('a')
  })

  it('starves nobody', () => {
    const pool = new TestPool({ a: 1, b: 2, c: 3, d: 4 })

    const picks = pool.picks(create(strategy), 500)

    expect(new Set(picks)).toEqual(new Set(names))
  })
})

describe.each([roundRobin, weighted, leastConnections])('position of $type', (strategy) => {
  it('goes on after a reload', () => {
    const pool = new TestPool({ a: 1, b: 1, c: 1 })
    const scope = scopeOf('api')

    const before = pool.picks(strategy.create({}, scope), 2)
    const after = pool.picks(strategy.create({}, scope), 2)

    expect([...before, ...after]).toEqual(['a', 'b', 'c', 'a'])
  })

  it('belongs to one service', () => {
    const pool = new TestPool({ a: 1, b: 1, c: 1 })
    const kept = new Map<string, Disposable | AsyncDisposable>()
    pool.picks(strategy.create({}, scopeOf('api', kept)), 2)

    expect(pool.pick(strategy.create({}, scopeOf('shop', kept)))).toBe('a')
  })
})

interface Strategy {
  readonly factory: BalancerFactory
  readonly options: object
}

describe('what least-latency has measured', () => {
  it('is still known after a reload', () => {
    const pool = new TestPool({ a: 1, b: 1 })
    const scope = scopeOf('api')
    const before = leastLatency.create({ decay: 1e9 }, scope)
    for (const [name, took] of [
      ['a', 500],
      ['b', 5],
    ] as const) {
      const startedAt = performance.now() - took
      // What the strategy looks at.
      const attempt = { endpoint: pool.get(name), startedAt, status: 200 } as unknown as Attempt
      before.attemptEnded?.(connectionFrom('192.0.2.1'), attempt)
    }

    const picks = pool.picks(leastLatency.create({ decay: 1e9 }, scope), 10)

    expect(new Set(picks)).toEqual(new Set(['b']))
  })
})

function create({ factory, options }: Strategy): Balancer {
  return factory.create(options, scopeOf('api'))
}

/** Enough of a scope for a balancer: a name, and resources that the next snapshot finds again. */
function scopeOf(name: string, kept = new Map<string, Disposable | AsyncDisposable>()): Scope {
  const scope: Pick<Scope, 'name' | 'keep'> = {
    name,
    keep<T extends Disposable | AsyncDisposable>(key: string, make: () => T): T {
      const resource = kept.get(key) ?? make()
      kept.set(key, resource)
      // One key stands for one type.
      return resource as T
    },
  }
  // A balancer may use the rest one day; then it fails here.
  return scope as Scope
}
