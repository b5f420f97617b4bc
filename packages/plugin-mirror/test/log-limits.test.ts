import { describe, expect, it } from 'vitest'
import { Episodes, LineBudget } from '../src/log-limits.ts'

describe('an episode', () => {
  it('begins once, and again only after a minute of peace', () => {
    const episodes = new Episodes<string>()
    const times = [0, 1000, 50_000, 100_000, 159_999, 219_999]

    const begun = times.filter((now) => episodes.begins('timeout', now))

    expect(begun).toEqual([0, 219_999])
  })

  it('is one of its own for each kind', () => {
    const episodes = new Episodes<string>()

    expect([episodes.begins('a', 0), episodes.begins('b', 1), episodes.begins('a', 2)]).toEqual([
      true,
      true,
      false,
    ])
  })
})

describe('a line budget', () => {
  it('tells with the next line how many there would have been', () => {
    const budget = new LineBudget()
    const times = [0, 1, 2, 3, 59_999, 60_000, 60_001, 60_002]

    const lines = times.map((now) => budget.take(2, now))

    expect(lines).toEqual([0, 0, undefined, undefined, undefined, 3, 0, undefined])
  })

  it('may be empty', () => {
    expect(new LineBudget().take(0, 0)).toBeUndefined()
  })
})
