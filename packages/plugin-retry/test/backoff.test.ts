import { describe, expect, it } from 'vitest'
import { Backoff, tryRetryAfter } from '../src/backoff.ts'

const almostOne = 1 - Number.EPSILON

describe('backoff', () => {
  it('doubles the longest pause with each retry, up to the bound', () => {
    const backoff = new Backoff(100, 2000, () => almostOne)

    const delays = [0, 1, 2, 3, 4, 5, 6, 2000].map((retry) => backoff.delayMs(retry))

    expect(delays).toEqual([100, 200, 400, 800, 1600, 2000, 2000, 2000])
  })

  it('draws the pause between nothing and the longest one', () => {
    const delays = [0, 0.25, 0.5].map((number) => new Backoff(100, 2000, () => number).delayMs(1))

    expect(delays).toEqual([0, 50, 100])
  })

  it('does not wait without an interval', () => {
    const backoff = new Backoff(0, 2000, () => almostOne)

    expect([backoff.delayMs(0), backoff.delayMs(5000)]).toEqual([0, 0])
  })

  it('waits as long as the upstream asks for, up to the bound', () => {
    const backoff = new Backoff(100, 2000, () => 0)

    const delays = [0, 50, 1000, 2000, 60_000].map((askedMs) => backoff.delayMs(0, askedMs))

    expect(delays).toEqual([0, 50, 1000, 2000, 2000])
  })

  it('does not wait for less than its own pause', () => {
    const backoff = new Backoff(100, 2000, () => almostOne)

    expect(backoff.delayMs(0, 10)).toBe(100)
  })
})

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0)

  it.each([
    { value: '0', ms: 0 },
    { value: '120', ms: 120_000 },
    { value: 'Thu, 01 Jan 2026 12:00:30 GMT', ms: 30_000 },
    { value: 'Thu, 01 Jan 2026 11:59:00 GMT', ms: 0 },
    { value: 'soon', ms: undefined },
    { value: '', ms: undefined },
  ])('"$value" asks for $ms ms', ({ value, ms }) => {
    expect(tryRetryAfter(value, now)).toBe(ms)
  })
})
