import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SlidingWindow } from '../src/meter/sliding-window.ts'

const tenPerSecond = { limit: 10, windowMs: 1000 }

describe('a sliding window', () => {
  it('lets as many pass as the limit says', () => {
    const window = new SlidingWindow(tenPerSecond, 0)

    const allowed = Array.from({ length: 12 }, (_, i) => window.take(i, 1).allowed)

    expect(allowed.filter(Boolean)).toHaveLength(10)
  })

  it('does not forget all at once when the next window begins', () => {
    const window = new SlidingWindow(tenPerSecond, 0)
    window.take(999, 10)

    const retryMs: unknown = expect.closeTo(100, 6)
    expect(window.take(1000, 1)).toMatchObject({ allowed: false, remaining: 0, retryMs })
    expect(window.take(1500, 1)).toMatchObject({ allowed: true, remaining: 4 })
    expect(window.take(3000, 1)).toMatchObject({ allowed: true, remaining: 9 })
  })

  it('names the time after which nothing counts any more', () => {
    const window = new SlidingWindow(tenPerSecond, 0)
    const { resetMs } = window.take(250, 1)

    expect(resetMs).toBe(1750)
    expect([window.isIdle(1999), window.isIdle(2000)]).toEqual([false, true])
  })

  it('allows a refused request after exactly the time that it named, and not before', () => {
    const steps = fc.array(
      fc.record({
        pauseMs: fc.integer({ min: 0, max: 1500 }),
        cost: fc.integer({ min: 1, max: 10 }),
      }),
    )
    fc.assert(
      fc.property(steps, (requests) => {
        const window = new SlidingWindow(tenPerSecond, 0)
        let now = 0
        for (const { pauseMs, cost } of requests) {
          now += pauseMs
          const { retryMs } = window.take(now, cost)
          if (retryMs < 1) continue
          expect(window.take(now + retryMs * 0.99, cost).allowed).toBe(false)
          now += retryMs
          expect(window.take(now, cost).allowed).toBe(true)
        }
      }),
    )
  })
})
