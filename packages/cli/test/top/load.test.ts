import type { Totals } from '@gatewright/plugin-management'
import { describe, expect, it } from 'vitest'
import { type Look, loadsBetween } from '../../src/top/load.ts'
import { trafficOf } from './traffic.ts'

describe('what happens in a second', () => {
  it('is what was added, divided by the time between the looks', () => {
    const { total } = between({ requests: 100, errors: 10 }, { requests: 300, errors: 12 }, 2000)

    expect(total).toMatchObject({ requests: 100, errors: 1 })
  })

  it('is unknown before the second look, and where nobody counts', () => {
    expect(loadsBetween(undefined, look(0, { requests: 5 })).total.requests).toBeNull()
    expect(between({ requests: null }, { requests: null }, 1000).total.requests).toBeNull()
  })

  it('is unknown when a worker has taken what it counted with it', () => {
    expect(between({ requests: 500 }, { requests: 300 }, 1000).total.requests).toBeNull()
  })

  it('counts what has just come from 0', () => {
    const before = { at: 0, traffic: trafficOf({}) }
    const router = { name: 'new', service: 'app', ...totals({ requests: 4 }) }
    const after = { at: 2000, traffic: trafficOf({ routers: [router] }) }

    expect(loadsBetween(before, after).routers).toMatchObject([{ name: 'new', requests: 2 }])
  })

  it('has the busiest first', () => {
    const names = ['a', 'b', 'c'].map((name, index) => ({
      name,
      service: 'app',
      ...totals({ requests: index }),
    }))
    const before = { at: 0, traffic: trafficOf({}) }
    const after = { at: 1000, traffic: trafficOf({ routers: names }) }

    expect(loadsBetween(before, after).routers.map(({ name }) => name)).toEqual(['c', 'b', 'a'])
  })
})

describe('the latency', () => {
  const bounds = [0.01, 0.1, 1]

  it('is that of the requests between the looks', () => {
    const before = { bounds, counts: [1000, 0, 0, 0], sum: 5 }
    const after = { bounds, counts: [1000, 100, 0, 0], sum: 10 }

    // All hundred are somewhere between 10 and 100 ms.
    const { p50, p99 } = between({ durations: before }, { durations: after }, 1000).total

    expect(p50).toBeCloseTo(55)
    expect(p99).toBeCloseTo(99.1)
  })

  it('is the last bound for what takes longer than that', () => {
    const after = { bounds, counts: [0, 0, 0, 3], sum: 9 }

    expect(between({}, { durations: after }, 1000).total).toMatchObject({ p50: 1000, p99: 1000 })
  })

  it('is unknown without requests', () => {
    const same = { bounds, counts: [7, 0, 0, 0], sum: 1 }

    const { p50, p99 } = between({ durations: same }, { durations: same }, 1000).total

    expect([p50, p99]).toEqual([null, null])
  })
})

function between(
  before: Partial<Totals>,
  after: Partial<Totals>,
  ms: number,
): ReturnType<typeof loadsBetween> {
  return loadsBetween(look(0, before), look(ms, after))
}

function look(at: number, total: Partial<Totals>): Look {
  return { at, traffic: trafficOf({ total: totals(total) }) }
}

function totals(some: Partial<Totals>): Totals {
  return { requests: 0, errors: 0, durations: null, ...some }
}
