import { describe, expect, it } from 'vitest'
import { TokenBucket } from '../../src/mux/token-bucket.ts'

describe('the rate of a client', () => {
  it('is so many at once, and then so many a second', () => {
    const bucket = new TokenBucket(10, 3, 1000)

    const atOnce = [1000, 1000, 1000, 1000].map((now) => bucket.take(now))
    const later = [1099, 1100, 1100].map((now) => bucket.take(now))
    const muchLater = [9000, 9000, 9000, 9000].map((now) => bucket.take(now))

    expect(atOnce).toEqual([true, true, true, false])
    expect(later).toEqual([false, true, false])
    expect(muchLater).toEqual([true, true, true, false])
  })

  it('has no bound at 0', () => {
    const bucket = new TokenBucket(0, 1, 0)

    expect([0, 0, 0].map((now) => bucket.take(now))).toEqual([true, true, true])
  })
})
