import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { percentile, ratios, summarize } from '../src/measure/statistics.ts'

const figures = fc.array(fc.double({ min: 0.001, max: 1e9, noNaN: true }), { minLength: 1 })

describe('summarize', () => {
  it.each([
    { values: [3], summary: { median: 3, min: 3, max: 3 } },
    { values: [4, 1, 3], summary: { median: 3, min: 1, max: 4 } },
    { values: [10, 9, 2, 1], summary: { median: 5.5, min: 1, max: 10 } },
  ])('of $values is $summary', ({ values, summary }) => {
    expect(summarize(values)).toEqual(summary)
  })

  it('has as many values below the median as above it', () => {
    fc.assert(
      fc.property(figures, (values) => {
        const { median } = summarize(values)
        const below = values.filter((value) => value < median).length
        const above = values.filter((value) => value > median).length
        expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2)
      }),
    )
  })

  it('throws without values', () => {
    expect(() => summarize([])).toThrow('nothing to summarize')
  })
})

describe('ratios', () => {
  it('compares repetition with repetition', () => {
    expect(ratios([10, 30], [5, 10])).toEqual([2, 3])
  })

  it('leaves out what one of them lacks', () => {
    expect(ratios([10, 30, 50], [5])).toEqual([2])
  })
})

describe('percentile', () => {
  it.each([
    { part: 0.5, value: 2 },
    { part: 0.51, value: 3 },
    { part: 0.99, value: 4 },
    { part: 1, value: 4 },
    { part: 0, value: 1 },
  ])('$part of 1 to 4 is $value', ({ part, value }) => {
    expect(percentile([1, 2, 3, 4], part)).toBe(value)
  })
})
