import { describe, expect, it } from 'vitest'
import { measureBalancers } from '../src/micro/balancers.ts'

describe('measureBalancers', () => {
  it('has a figure of each strategy', () => {
    const results = measureBalancers()

    expect(results.map(({ name }) => name.replace(' among 10 servers', ''))).toEqual([
      'round-robin',
      'weighted',
      'least-connections',
      'random',
      'random-two-choices',
      'least-latency',
      'consistent-hash',
      'consistent-hash with a bound',
    ])
    expect(results.every(({ nanos }) => nanos > 0 && Number.isFinite(nanos))).toBe(true)
  })
})
