import { describe, expect, it } from 'vitest'
import { RoundRobinBalancer } from '../src/round-robin.ts'
import { countByName, TestPool } from './pool.ts'

describe('round-robin', () => {
  it('takes the endpoints in the order of the configuration', () => {
    const pool = new TestPool({ a: 1, b: 1, c: 1 })

    const picks = pool.picks(new RoundRobinBalancer(), 7)

    expect(picks).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a'])
  })

  it('takes only those that are available', () => {
    const pool = new TestPool({ a: 1, b: 1, c: 1 })
    const balancer = new RoundRobinBalancer()
    pool.pick(balancer)
    pool.keepUp('b', 'c')

    const picks = pool.picks(balancer, 4)

    expect(countByName(picks)).toEqual({ b: 2, c: 2 })
  })

  it('goes on from the beginning when the endpoint whose turn it was is gone', () => {
    const pool = new TestPool({ a: 1, b: 1, c: 1 })
    const balancer = new RoundRobinBalancer()
    pool.picks(balancer, 2)
    pool.keepUp('a', 'b')

    const picks = pool.picks(balancer, 3)

    expect(picks).toEqual(['a', 'b', 'a'])
  })

  it('passes over what the exchange has tried, and goes on behind its pick', () => {
    const pool = new TestPool({ a: 1, b: 1, c: 1 })
    const balancer = new RoundRobinBalancer()

    const picks = [pool.pick(balancer, 'a', 'b'), pool.pick(balancer), pool.pick(balancer, 'b')]

    expect(picks).toEqual(['c', 'a', 'c'])
  })

  it('does not mind weights', () => {
    const pool = new TestPool({ a: 5, b: 1 })

    const picks = pool.picks(new RoundRobinBalancer(), 4)

    expect(picks).toEqual(['a', 'b', 'a', 'b'])
  })
})
