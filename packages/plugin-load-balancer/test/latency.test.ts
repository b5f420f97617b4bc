import { describe, expect, it } from 'vitest'
import { Latency } from '../src/least-latency/latency.ts'

const decay = 10_000

describe('a latency', () => {
  it('is what was measured first', () => {
    const latency = new Latency()
    expect([latency.measured, latency.at(0, decay)]).toEqual([false, 0])

    latency.answered(20, 0, decay)

    expect([latency.measured, latency.at(0, decay)]).toEqual([true, 20])
  })

  it('follows a slower answer at once', () => {
    const latency = new Latency()
    latency.answered(20, 0, decay)

    latency.answered(300, 1, decay)

    expect(latency.at(1, decay)).toBe(300)
  })

  it('follows faster answers bit by bit', () => {
    const latency = new Latency()
    latency.answered(300, 0, decay)

    latency.answered(20, 1000, decay)
    expect(latency.at(1000, decay)).toBeCloseTo(300 * Math.exp(-0.1) + 20 * (1 - Math.exp(-0.1)))
    for (let now = 2000; now <= 100_000; now += 1000) latency.answered(20, now, decay)

    expect(latency.at(100_000, decay)).toBeCloseTo(20, 0)
  })

  it('fades while nothing is measured', () => {
    const latency = new Latency()
    latency.answered(300, 0, decay)

    expect(latency.at(decay, decay)).toBeCloseTo(300 / Math.E)
    expect(latency.at(20 * decay, decay)).toBeLessThan(0.001)
  })

  it('counts a failure as slow, however fast it was', () => {
    const latency = new Latency()

    latency.failed(1, 0, decay)

    expect(latency.at(0, decay)).toBe(1000)
  })

  it('is not spoilt by a single failure among many answers', () => {
    const latency = new Latency()
    for (let now = 0; now < 1000; now += 10) latency.answered(20, now, decay)

    latency.failed(1, 1000, decay)

    expect(latency.at(1000, decay)).toBeLessThan(25)
  })

  it('counts a failure that took longer as what it took', () => {
    const latency = new Latency()
    latency.answered(20, 0, decay)

    latency.failed(30_000, 30_000, decay)

    expect(latency.at(30_000, decay)).toBe(30_000)
  })

  it('learns from who gave up only that it would have taken longer', () => {
    const latency = new Latency()
    latency.answered(200, 0, decay)

    latency.givenUp(5, 0, decay)
    expect(latency.at(0, decay)).toBe(200)
    latency.givenUp(3000, 3000, decay)

    expect(latency.at(3000, decay)).toBe(3000)
  })
})
