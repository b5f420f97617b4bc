import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Share } from '../src/share.ts'

describe('a share', () => {
  it.each([
    [50, 200, 100],
    [10, 100, 10],
    [1, 100, 1],
    [33, 100, 33],
    [0, 1000, 0],
    [100, 1000, 1000],
  ])('of %i %% takes exactly its part of %i', (percentage, total, expected) => {
    expect(taken(new Share(), percentage, total)).toHaveLength(expected)
  })

  it('is evenly spread', () => {
    expect(taken(new Share(), 50, 8)).toEqual([1, 3, 5, 7])
    expect(taken(new Share(), 10, 30)).toEqual([9, 19, 29])
    expect(taken(new Share(), 75, 8)).toEqual([1, 2, 3, 5, 6, 7])
  })

  it('is right to one in every run of any length, wherever the run begins', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100 }),
        fc.nat(300),
        fc.nat(300),
        (percentage, before, length) => {
          const share = new Share()
          taken(share, percentage, before)

          const count = taken(share, percentage, length).length

          expect(Math.abs(count - (percentage * length) / 100)).toBeLessThan(1)
        },
      ),
    )
  })

  it('goes over to another percentage without a burst', () => {
    const share = new Share()
    taken(share, 99, 1)

    expect(taken(share, 10, 20)).toEqual([0, 10])
  })
})

/** Which of so many were taken. */
function taken(share: Share, percentage: number, total: number): number[] {
  return Array.from({ length: total }, (_, index) => index).filter(() => share.take(percentage))
}
