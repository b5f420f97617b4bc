import { describe, expect, it } from 'vitest'
import { Allowance } from '../src/allowance.ts'

describe('an allowance', () => {
  it('lets through what it has, and as much again within a second', () => {
    const allowance = new Allowance(3)
    const taken = (now: number): boolean[] => [1, 2, 3, 4].map(() => allowance.take(now))

    expect(taken(1000)).toEqual([true, true, true, false])
    expect(taken(1400)).toEqual([true, false, false, false])
    expect(taken(9000)).toEqual([true, true, true, false])
  })
})
