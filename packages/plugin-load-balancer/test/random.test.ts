import { assert, double, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RandomBalancer } from '../src/random.ts'
import { countByName, seededRandom, TestPool } from './pool.ts'

describe('random', () => {
  it('takes the only available endpoint every time', () => {
    const pool = new TestPool({ a: 1, b: 1, c: 1 })
    pool.keepUp('c')

    const picks = pool.picks(new RandomBalancer(), 10)

    expect(countByName(picks)).toEqual({ c: 10 })
  })

  it('takes each endpoint about as often as its weight says', () => {
    const pool = new TestPool({ a: 6, b: 3, c: 1 })

    const counts = countByName(pool.picks(new RandomBalancer(seededRandom(1)), 10_000))

    expect(counts['a']).toBeCloseTo(6000, -3)
    expect(counts['b']).toBeCloseTo(3000, -3)
    expect(counts['c']).toBeCloseTo(1000, -3)
  })

  it('makes the same picks from the same seed', () => {
    const pool = new TestPool({ a: 1, b: 1, c: 1 })

    const first = pool.picks(new RandomBalancer(seededRandom(7)), 50)
    const second = pool.picks(new RandomBalancer(seededRandom(7)), 50)

    expect(second).toEqual(first)
  })

  it('never takes an endpoint of weight 0, whatever the dice say', () => {
    const pool = new TestPool({ a: 0, b: 1, c: 0 })
    assert(
      property(double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (number) => {
        expect(pool.pick(new RandomBalancer(() => number))).toBe('b')
      }),
    )
  })

  it('passes over what the exchange has tried', () => {
    const pool = new TestPool({ a: 1, b: 1, c: 1 })
    assert(
      property(integer(), (seed) => {
        expect(pool.pick(new RandomBalancer(seededRandom(seed)), 'a', 'c')).toBe('b')
      }),
    )
  })
})
