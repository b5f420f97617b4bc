import { describe, expect, it } from 'vitest'
import { Backoff } from '../../src/workers/backoff.ts'

describe('the back-off of a worker', () => {
  it('waits 100 ms, then twice as long each time, and never longer than 30 s', () => {
    const backoff = new Backoff()

    const waits = Array.from({ length: 11 }, () => backoff.next(50))

    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000])
  })

  it('begins anew once a worker ran for 30 s', () => {
    const backoff = new Backoff()
    for (let turn = 0; turn < 5; turn++) backoff.next(0)

    expect([backoff.next(29_999), backoff.next(30_000), backoff.next(0)]).toEqual([3200, 100, 200])
  })
})
