import { describe, expect, it } from 'vitest'
import { exposition, formatFor } from '../src/exposition.ts'
import type { Family } from '../src/family.ts'

const base = { help: 'Some help', labels: [], across: 'sum' } as const

describe('the text format', () => {
  it('has a group for each family, sorted by the values of labels, byte by byte', () => {
    const families: Family[] = [
      { ...base, name: 'a_total', type: 'counter', samples: [{ labels: [], value: 2 }] },
      {
        ...base,
        name: 'b',
        type: 'gauge',
        labels: ['x', 'y'],
        samples: [
          { labels: ['ö', '1'], value: 1 },
          { labels: ['b', '10'], value: -1.5 },
          { labels: ['b', '1'], value: Number.POSITIVE_INFINITY },
          { labels: ['B', '1'], value: Number.NaN },
        ],
      },
      { ...base, name: 'empty', type: 'gauge', samples: [] },
    ]

    expect(exposition(families, 'text')).toBe(`\
# HELP a_total Some help
# TYPE a_total counter
a_total 2
# HELP b Some help
# TYPE b gauge
b{x="B",y="1"} NaN
b{x="b",y="1"} +Inf
b{x="b",y="10"} -1.5
b{x="ö",y="1"} 1
`)
  })

  it('cumulates the buckets of a histogram', () => {
    const value = { bounds: [0.1, 1, 600], counts: [1, 2, 0, 3], sum: 7.5 }
    const family: Family = {
      ...base,
      name: 'h_seconds',
      type: 'histogram',
      labels: ['service'],
      samples: [{ labels: ['app'], value }],
    }

    expect(exposition([family], 'text')).toBe(`\
# HELP h_seconds Some help
# TYPE h_seconds histogram
h_seconds_bucket{service="app",le="0.1"} 1
h_seconds_bucket{service="app",le="1"} 3
h_seconds_bucket{service="app",le="600"} 3
h_seconds_bucket{service="app",le="+Inf"} 6
h_seconds_sum{service="app"} 7.5
h_seconds_count{service="app"} 6
`)
  })

  it('tells of samples their sum and number', () => {
    const family: Family = {
      ...base,
      name: 's_seconds',
      type: 'summary',
      samples: [{ labels: [], value: { count: 2, sum: 0.5 } }],
    }

    expect(exposition([family], 'text')).toContain('s_seconds_sum 0.5\ns_seconds_count 2\n')
  })

  it('escapes what would break it', () => {
    const family: Family = {
      ...base,
      name: 'x',
      type: 'gauge',
      help: 'back\\slash "quoted"\nline',
      labels: ['l'],
      samples: [{ labels: ['a"b\\c\nd'], value: 1 }],
    }

    expect(exposition([family], 'text')).toBe(
      '# HELP x back\\\\slash "quoted"\\nline\n# TYPE x gauge\nx{l="a\\"b\\\\c\\nd"} 1\n',
    )
    expect(exposition([family], 'openmetrics')).toContain('back\\\\slash \\"quoted\\"\\nline')
  })

  it('names families of counters without their suffix in OpenMetrics, and has an end there', () => {
    const family: Family = {
      ...base,
      name: 'a_total',
      type: 'counter',
      samples: [{ labels: [], value: 1 }],
    }

    expect(exposition([family], 'openmetrics')).toBe(
      '# HELP a Some help\n# TYPE a counter\na_total 1\n# EOF\n',
    )
  })
})

describe('the format that a client gets', () => {
  it.each([
    [undefined, 'text'],
    ['*/*', 'text'],
    ['text/plain', 'text'],
    ['application/openmetrics-text', 'openmetrics'],
    [
      'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      'openmetrics',
    ],
    ['application/openmetrics-text;q=0.5, text/plain', 'text'],
    ['application/openmetrics-text, text/plain', 'text'],
    ['Application/OpenMetrics-Text ; Q=0.8', 'openmetrics'],
    ['application/openmetrics-text;q=nonsense', 'text'],
  ])('is, for %s, %s', (accept, format) => {
    expect(formatFor(accept)).toBe(format)
  })
})
