import { describe, expect, it } from 'vitest'
import type { Family, Sample } from '../src/family.ts'
import { familiesOf, totalsOf } from '../src/totals.ts'

const known = (): boolean => true

describe('what goes on counting when a process has ended', () => {
  it('is every counter, histogram and summary, but no gauge', () => {
    const families = [
      family('counter', [{ labels: ['a'], value: 3 }]),
      family('histogram', [{ labels: ['a'], value: { bounds: [1], counts: [2, 1], sum: 4.5 } }]),
      family('summary', [{ labels: ['b'], value: { count: 2, sum: 0.5 } }]),
      family('gauge', [{ labels: ['a'], value: 7 }]),
    ]

    const totals = JSON.parse(JSON.stringify(totalsOf(families)))

    expect(familiesOf(totals, families, known)).toEqual(families.slice(0, 3))
  })

  it('is no longer what the configuration does not have, nor what nobody tells', () => {
    const counted = [
      family('counter', [
        { labels: ['a'], value: 3 },
        { labels: ['b'], value: 4 },
      ]),
      family('summary', [{ labels: ['b'], value: { count: 2, sum: 0.5 } }]),
    ]
    const present = [family('counter', [])]

    const found = familiesOf(totalsOf(counted) ?? {}, present, (label, value) => {
      expect(label).toBe('router')
      return value === 'b'
    })

    expect(found).toEqual([family('counter', [{ labels: ['b'], value: 4 }])])
  })
})

function family(type: Family['type'], samples: readonly Sample[]): Family {
  return { name: `of_${type}`, type, help: '', labels: ['router'], across: 'sum', samples }
}
