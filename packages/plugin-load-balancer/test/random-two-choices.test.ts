import { assert, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RandomTwoChoicesBalancer } from '../src/random-two-choices.ts'
import { countByName, seededRandom, TestPool } from './pool.ts'

describe('random-two-choices', () => {
  it('never takes the most loaded of several endpoints', () => {
    const pool = new TestPool({ a: 1, b: 1, c: 1 })
    pool.get('b').active = 3
    assert(
      property(integer(), (seed) => {
        const balancer = new RandomTwoChoicesBalancer(seededRandom(seed))

        expect(pool.pick(balancer)).not.toBe('b')
      }),
    )
  })

  it('takes the only available endpoint, however loaded it is', () => {
    const pool = new TestPool({ a: 1, b: 1 })
    pool.get('a').active = 100
    pool.keepUp('a')

    expect(pool.pick(new RandomTwoChoicesBalancer())).toBe('a')
  })

  it('follows the weights while the service is idle', () => {
    const pool = new TestPool({ a: 8, b: 2 })

    const counts = countByName(pool.picks(new RandomTwoChoicesBalancer(seededRandom(1)), 10_000))

    expect(counts['a']).toBeCloseTo(8000, -3)
    expect(counts['b']).toBeCloseTo(2000, -3)
  })

  it('keeps the load even', () => {
    const pool = new TestPool({ a: 1, b: 1, c: 1, d: 1 })
    const balancer = new RandomTwoChoicesBalancer(seededRandom(1))

    for (let i = 0; i < 1000; i++) pool.get(pool.pick(balancer) ?? '').active++

    const loads = pool.all.map(({ active }) => active)
    expect(Math.max(...loads) - Math.min(...loads)).toBeLessThan(10)
  })
})
