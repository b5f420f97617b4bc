import { assert, integer, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LeastConnectionsBalancer } from '../src/least-connections.ts'
import { TestPool } from './pool.ts'

describe('least-connections', () => {
  it('takes the endpoint with the fewest exchanges in flight', () => {
    const pool = new TestPool({ a: 1, b: 1 })
    pool.get('a').active = 2

    const picks = pool.picks(new LeastConnectionsBalancer(), 3)

    expect(picks).toEqual(['b', 'b', 'b'])
  })

  it('lets equals take turns', () => {
    const pool = new TestPool({ a: 1, b: 1, c: 1, d: 1 })
    pool.get('b').active = 1

    const picks = pool.picks(new LeastConnectionsBalancer(), 6)

    expect(picks).toEqual(['a', 'c', 'd', 'a', 'c', 'd'])
  })

  it('measures the load of an endpoint by its weight', () => {
    const pool = new TestPool({ a: 4, b: 1 })
    pool.get('a').active = 3
    pool.get('b').active = 1

    expect(pool.pick(new LeastConnectionsBalancer())).toBe('a')
  })

  it('takes nobody if all weights are 0', () => {
    const pool = new TestPool({ a: 0, b: 0 })

    expect(pool.pick(new LeastConnectionsBalancer())).toBeUndefined()
  })

  it('passes over what the exchange has tried, even if it is idle', () => {
    const pool = new TestPool({ a: 1, b: 1, c: 1 })
    pool.get('b').active = 7
    pool.get('c').active = 6

    expect(pool.pick(new LeastConnectionsBalancer(), 'a')).toBe('c')
  })

  it('fills endpoints in proportion to their weights', () => {
    const weight = integer({ min: 1, max: 9 })
    assert(
      property(record({ a: weight, b: weight, c: weight }), (weights) => {
        const pool = new TestPool(weights)
        const balancer = new LeastConnectionsBalancer()
        const sum = weights.a + weights.b + weights.c

        for (let i = 0; i < 10 * sum; i++) {
          const endpoint = pool.get(pool.pick(balancer) ?? '')
          endpoint.active++
        }

        for (const { active, weight: share } of pool.all) {
          expect(Math.abs(active - 10 * share)).toBeLessThanOrEqual(share)
        }
      }),
    )
  })
})
