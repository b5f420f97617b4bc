import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenBucket } from '../src/meter/token-bucket.ts'

const tenPerSecond = { capacity: 5, tokensPerMs: 10 / 1000 }

describe('a token bucket', () => {
  it('lets a burst pass and says what is left', () => {
    const bucket = new TokenBucket(tenPerSecond, 0)

    const remaining = times(5, () => bucket.take(0, 1).remaining)

    expect(remaining).toEqual([4, 3, 2, 1, 0])
    expect(bucket.take(0, 1)).toEqual({
      allowed: false,
      limit: 5,
      remaining: 0,
      resetMs: 500,
      retryMs: 100,
    })
  })

  it('fills at its rate and never above its capacity', () => {
    const bucket = new TokenBucket(tenPerSecond, 0)
    times(5, () => bucket.take(0, 1))

    expect(bucket.take(100, 1).allowed).toBe(true)
    expect(bucket.take(100, 1).allowed).toBe(false)
    expect(bucket.take(1e9, 1).remaining).toBe(4)
  })

  it('takes the whole bucket for a request that costs more than it holds', () => {
    const bucket = new TokenBucket(tenPerSecond, 0)

    expect(bucket.take(0, 1000)).toMatchObject({ allowed: true, remaining: 0 })
    expect(bucket.take(100, 1000)).toMatchObject({ allowed: false, retryMs: 400 })
  })

  it('is not emptied by a clock that goes back', () => {
    const bucket = new TokenBucket(tenPerSecond, 1000)

    expect(bucket.take(0, 1)).toMatchObject({ allowed: true, remaining: 4 })
  })

  it('gives nothing twice when a clock goes back', () => {
    const bucket = new TokenBucket(tenPerSecond, 1000)
    times(5, () => bucket.take(1000, 1))
    bucket.take(0, 1)

    expect(bucket.take(1000, 1)).toMatchObject({ allowed: false, retryMs: 100 })
  })

  it('can be forgotten once it is full again', () => {
    const bucket = new TokenBucket(tenPerSecond, 0)
    bucket.take(0, 2)

    expect([bucket.isIdle(199), bucket.isIdle(200)]).toEqual([false, true])
  })

  it('never lets more pass than its capacity and what came in meanwhile', () => {
    fc.assert(
      fc.property(rules, requests, ([capacity, rate], steps) => {
        const bucket = new TokenBucket({ capacity, tokensPerMs: rate / 1000 }, 0)
        let now = 0
        let passed = 0
        for (const { pauseMs, cost } of steps) {
          now += pauseMs
          if (bucket.take(now, cost).allowed) passed += Math.min(cost, capacity)
        }
        expect(passed).toBeLessThanOrEqual(capacity + (now * rate) / 1000 + 1e-3)
      }),
    )
  })

  it('allows a refused request after exactly the time that it named, and not before', () => {
    fc.assert(
      fc.property(rules, requests, ([capacity, rate], steps) => {
        const rule = { capacity, tokensPerMs: rate / 1000 }
        const [early, late] = [new TokenBucket(rule, 0), new TokenBucket(rule, 0)]
        let now = 0
        for (const { pauseMs, cost } of steps) {
          now += pauseMs
          const { retryMs } = early.take(now, cost)
          late.take(now, cost)
          if (retryMs < 1) continue
          expect(early.take(now + retryMs * 0.99, cost).allowed).toBe(false)
          now += retryMs
          expect([early, late].map((bucket) => bucket.take(now, cost).allowed)).toEqual([
            true,
            true,
          ])
        }
      }),
    )
  })
})

const rules = fc.tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 1000 }))
const requests = fc.array(
  fc.record({
    pauseMs: fc.integer({ min: 0, max: 2000 }),
    cost: fc.integer({ min: 1, max: 120 }),
  }),
)

function times<T>(count: number, run: () => T): T[] {
  return Array.from({ length: count }, run)
}
