import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LeastConnectionsBalancer } from '../src/least-connections.ts'
import { RoundRobinBalancer } from '../src/round-robin.ts'
import { WarmUp } from '../src/slow-start/warm-up.ts'
import { WeightedBalancer } from '../src/weighted.ts'
import { countByName, TestPool } from './pool.ts'

const durationMs = 20_000

describe('slow start', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  it('lets the weight of a server that recovers grow from a tenth in equal steps', () => {
    const { pool } = started({ a: 10, b: 10 })
    recover(pool, 'b')

    const weights = [0, 2, 2, 6, 5, 4, 1].map((seconds) => {
      vi.advanceTimersByTime(seconds * 1000)
      return pool.get('b').weight
    })

    expect(weights).toEqual([1, 1, 2, 5, 7.5, 9.5, 10])
    expect(pool.get('a').weight).toBe(10)
  })

  it('leaves servers alone that were there from the beginning', () => {
    const { pool } = started({ a: 1, b: 1 })

    expect(weightsOf(pool)).toEqual([1, 1])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('concerns servers that join others', () => {
    const { pool } = started({ a: 1 })

    pool.hold('a', 'b')

    expect(weightsOf(pool)).toEqual([1, 0.1])
  })

  it('concerns servers that were down from the beginning', () => {
    const pool = new TestPool({ a: 1, b: 1 })
    pool.keepUp('a')
    started(pool)
    pool.keepUp('a', 'b')

    expect(weightsOf(pool)).toEqual([1, 0.1])
  })

  it('has a timer only while something grows', () => {
    const { pool } = started({ a: 1, b: 1 })
    recover(pool, 'b')
    expect(vi.getTimerCount()).toBe(1)

    vi.advanceTimersByTime(durationMs)
    expect(vi.getTimerCount()).toBe(0)
    recover(pool, 'a')
    expect(vi.getTimerCount()).toBe(1)
    pool.keepUp('b')

    expect(vi.getTimerCount()).toBe(0)
    expect(weightsOf(pool)).toEqual([1, 1])
  })

  it('begins anew with each recovery', () => {
    const { pool } = started({ a: 1, b: 1 })
    recover(pool, 'b')
    vi.advanceTimersByTime(durationMs / 2)
    expect(weightsOf(pool)).toEqual([1, 0.5])

    recover(pool, 'b')

    expect(weightsOf(pool)).toEqual([1, 0.1])
  })

  it('forgets servers that have gone', () => {
    const { pool } = started({ a: 1, b: 1 })
    recover(pool, 'b')

    pool.hold('a')

    expect(vi.getTimerCount()).toBe(0)
  })

  it('goes on where it was with the next configuration, at the pace of that', () => {
    const { warmUp, pool } = started({ a: 1, b: 1 })
    recover(pool, 'b')
    vi.advanceTimersByTime(durationMs / 4)
    const next = new TestPool({})
    next.all = pool.all

    warmUp.follow(next, durationMs * 2)
    vi.advanceTimersByTime(durationMs / 2)

    expect(next.get('b').weight).toBeCloseTo(0.35)
    expect([pool.followers, next.followers]).toEqual([0, 1])
  })

  it('lifts every share and stops its timer when nobody wants it any more', () => {
    const { warmUp, pool } = started({ a: 1, b: 1, c: 1 })
    recover(pool, 'b')
    recover(pool, 'c')

    warmUp.leave(pool)

    expect(weightsOf(pool)).toEqual([1, 1, 1])
    expect([vi.getTimerCount(), pool.followers]).toEqual([0, 0])
  })

  it('gives round-robin the same part of the turns', () => {
    const { pool } = started({ a: 1, b: 1, c: 1 })
    const balancer = new RoundRobinBalancer()
    recover(pool, 'c')

    const tenth = countByName(pool.picks(balancer, 210))
    vi.advanceTimersByTime(durationMs / 2)
    const half = countByName(pool.picks(balancer, 250))
    vi.advanceTimersByTime(durationMs / 2)
    const whole = pool.picks(balancer, 6).join('')

    expect(tenth).toEqual({ a: 100, b: 100, c: 10 })
    expect(half).toEqual({ a: 100, b: 100, c: 50 })
    expect('abcabcabc').toContain(whole)
  })

  it('gives weighted the same part of the weight', () => {
    const { pool } = started({ a: 2, b: 2 })
    recover(pool, 'b')

    const picks = pool.picks(new WeightedBalancer(), 110)

    expect(countByName(picks)).toEqual({ a: 100, b: 10 })
  })

  it('lets round-robin go on if all servers come up together', () => {
    const { pool } = started({ a: 1, b: 1 })
    pool.keepUp()
    pool.keepUp('a', 'b')

    const picks = pool.picks(new RoundRobinBalancer(), 100)

    expect(countByName(picks)).toEqual({ a: 50, b: 50 })
  })

  it('keeps least-connections from flooding a server because it is idle', () => {
    const { pool } = started({ a: 1, b: 1 })
    recover(pool, 'b')
    pool.get('a').active = 5

    const first = pool.picks(new LeastConnectionsBalancer(), 9)
    const idle = new LeastConnectionsBalancer()
    pool.get('a').active = 0
    const second = countByName(pool.picks(idle, 200))

    expect(countByName(first)).toEqual({ a: 9 })
    expect(second['b']).toBeLessThanOrEqual(20)
    expect(second['b']).toBeGreaterThan(5)
  })
})

interface Started {
  readonly warmUp: WarmUp
  readonly pool: TestPool
}

function started(given: TestPool | Readonly<Record<string, number>>): Started {
  const pool = given instanceof TestPool ? given : new TestPool(given)
  const warmUp = new WarmUp(() => Date.now())
  warmUp.follow(pool, durationMs)
  return { warmUp, pool }
}

function recover(pool: TestPool, name: string): void {
  pool.setHealthy(pool.get(name), 'test', false)
  pool.setHealthy(pool.get(name), 'test', true)
}

function weightsOf({ all }: TestPool): number[] {
  return all.map(({ weight }) => weight)
}
