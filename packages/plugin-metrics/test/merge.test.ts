import { describe, expect, it } from 'vitest'
import type { Family } from '../src/family.ts'
import { mergeFamilies } from '../src/merge.ts'

describe('what several processes tell', () => {
  it('is added up, or the most or least of it', () => {
    const merged = mergeFamilies([gauges(3), gauges(1), gauges(5)])

    expect(merged.map(({ name, samples }) => [name, samples[0]?.value])).toEqual([
      ['sum', 9],
      ['max', 5],
      ['min', 1],
    ])
  })

  it('may be there in some of them only', () => {
    const merged = mergeFamilies([counters('a', 'b'), counters('b', 'c')])

    expect(merged.map(({ name, samples }) => [name, samples[0]?.value])).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 1],
    ])
  })

  it('adds distributions and samples bucket by bucket', () => {
    const [histogram, summary] = mergeFamilies([spread([1, 2], 3), spread([10, 0], 0.5)])

    expect(histogram?.samples[0]?.value).toEqual({ bounds: [1], counts: [11, 2], sum: 3.5 })
    expect(summary?.samples[0]?.value).toEqual({ count: 2, sum: 3.5 })
  })
})

function gauges(value: number): Family[] {
  return (['sum', 'max', 'min'] as const).map((across) => ({
    name: across,
    type: 'gauge',
    help: '',
    labels: [],
    across,
    samples: [{ labels: [], value }],
  }))
}

function counters(...names: string[]): Family[] {
  return names.map((name) => ({
    name,
    type: 'counter',
    help: '',
    labels: ['l'],
    across: 'sum',
    samples: [{ labels: [name], value: 1 }],
  }))
}

function spread(counts: number[], sum: number): Family[] {
  return [
    {
      name: 'h',
      type: 'histogram',
      help: '',
      labels: [],
      across: 'sum',
      samples: [{ labels: [], value: { bounds: [1], counts, sum } }],
    },
    {
      name: 's',
      type: 'summary',
      help: '',
      labels: [],
      across: 'sum',
      samples: [{ labels: [], value: { count: 1, sum } }],
    },
  ]
}
