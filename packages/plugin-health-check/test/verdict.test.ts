import { describe, expect, it } from 'vitest'
import { StatusRanges } from '../src/active/status-ranges.ts'
import { Verdict } from '../src/active/verdict.ts'

describe('the verdict about a server', () => {
  it('changes after so many results in a row that speak against it', () => {
    const verdict = new Verdict(true, 3, 2)

    expect(['-', '-', '-', '+', '+'].map((result) => judge(verdict, result))).toEqual([
      'up',
      'up',
      'down!',
      'down',
      'up!',
    ])
  })

  it('begins to count anew when a result confirms it', () => {
    const verdict = new Verdict(true, 3, 2)

    const seen = Array.from('--+--+---', (result) => judge(verdict, result))
    expect(seen).toEqual(['up', 'up', 'up', 'up', 'up', 'up', 'up', 'up', 'down!'])
    expect(Array.from('+-+-++', (result) => judge(verdict, result)).at(-1)).toBe('up!')
  })

  it.each([
    ['+', 'up!'],
    ['-', 'down!'],
  ])('is the first result (%s) if nothing is known', (result, outcome) => {
    expect(judge(new Verdict(undefined, 3, 3), result)).toBe(outcome)
  })

  it('is that a server does not work as long as nothing is known', () => {
    expect(new Verdict(undefined, 1, 1).healthy).toBe(false)
  })
})

describe('ranges of statuses', () => {
  it('have what stands in them', () => {
    const ranges = new StatusRanges('200-299, 401 ,503-503')

    expect([199, 200, 250, 299, 300, 401, 402, 503].map((status) => ranges.has(status))).toEqual([
      false,
      true,
      true,
      true,
      false,
      true,
      false,
      true,
    ])
  })

  it('do not go backwards', () => {
    expect(() => new StatusRanges('200, 299-204')).toThrow('range "299-204"')
  })
})

function judge(verdict: Verdict, result: string): string {
  const changed = verdict.record(result === '+')
  return (verdict.healthy ? 'up' : 'down') + (changed ? '!' : '')
}
