import { array, assert, constantFrom, integer, property, subarray } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WeightedBalancer } from '../src/weighted.ts'
import { countByName, TestPool } from './pool.ts'

const names = ['a', 'b', 'c', 'd', 'e']

describe('weighted', () => {
  it.each([
    { weights: { a: 3, b: 1 }, picks: 'a a b a a a b a' },
    { weights: { a: 5, b: 1, c: 1 }, picks: 'a a b a c a a' },
    { weights: { a: 1, b: 1, c: 1 }, picks: 'a b c a b c' },
    { weights: { a: 1, b: 2 }, picks: 'b a b b a b' },
  ])('spreads $weights as $picks', ({ weights, picks }) => {
    const pool = new TestPool(weights)

    const picked = pool.picks(new WeightedBalancer(), picks.split(' ').length)

    expect(picked.join(' ')).toBe(picks)
  })

  it('gives 75 and 25 of 100 to weights 3 and 1', () => {
    const pool = new TestPool({ a: 3, b: 1 })

    const picks = pool.picks(new WeightedBalancer(), 100)

    expect(countByName(picks)).toEqual({ a: 75, b: 25 })
  })

  it('takes nobody if all weights are 0', () => {
    const pool = new TestPool({ a: 0, b: 0 })

    expect(pool.pick(new WeightedBalancer())).toBeUndefined()
  })

  it('follows a weight that changes', () => {
    const pool = new TestPool({ a: 1, b: 1 })
    const balancer = new WeightedBalancer()
    pool.picks(balancer, 2)
    pool.get('b').weight = 3

    const picks = pool.picks(balancer, 8)

    expect(countByName(picks)).toEqual({ a: 2, b: 6 })
  })

  it('follows a pool whose endpoints change, and keeps the turn of those that stay', () => {
    const pool = new TestPool({ a: 1, b: 1, c: 1 })
    const balancer = new WeightedBalancer()
    pool.picks(balancer, 1)
    pool.keepUp('a', 'b')

    const picks = pool.picks(balancer, 6)

    expect(picks.join(' ')).toBe('b b a b a b')
  })

  it('passes over what the exchange has tried', () => {
    const pool = new TestPool({ a: 9, b: 1 })
    const balancer = new WeightedBalancer()

    const picks = Array.from({ length: 5 }, () => pool.pick(balancer, 'a'))

    expect(countByName(picks)).toEqual({ b: 5 })
  })

  it('picks each endpoint exactly as often as its weight says in every cycle', () => {
    assert(
      property(array(integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), (weights) => {
        const expected = Object.fromEntries(weights.map((weight, i) => [names[i] ?? '', weight]))
        const pool = new TestPool(expected)
        const balancer = new WeightedBalancer()
        const cycle = weights.reduce((sum, weight) => sum + weight, 0)

        for (let round = 0; round < 3; round++) {
          expect(countByName(pool.picks(balancer, cycle))).toEqual(expected)
        }
      }),
    )
  })

  it('starves nobody, however often the health of others changes', () => {
    const up = subarray(names, { minLength: 1 })
    const steady = constantFrom(...names)
    assert(
      property(array(up, { minLength: 60, maxLength: 60 }), steady, (changes, survivor) => {
        const pool = new TestPool({ a: 1, b: 2, c: 3, d: 1, e: 5 })
        const balancer = new WeightedBalancer()

        const picks = changes.map((alive) => {
          pool.keepUp(survivor, ...alive)
          return pool.pick(balancer)
        })

        expect(picks).toContain(survivor)
      }),
    )
  })
})
