import { describe, expect, it } from 'vitest'
import { isSteady } from '../src/measure/steady.ts'

const mib = 2 ** 20

describe('isSteady', () => {
  it('looks at the end only', () => {
    expect(isSteady([200 * mib, ...Array.from({ length: 25 }, () => 100 * mib)])).toBe(true)
  })

  it('is false as long as there is a step', () => {
    expect(isSteady([...Array.from({ length: 25 }, () => 100 * mib), 90 * mib])).toBe(false)
  })

  it('is false before there was enough to look at', () => {
    expect(isSteady([mib, mib, mib])).toBe(false)
  })
})
