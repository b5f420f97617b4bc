import { describe, expect, it } from 'vitest'
import { FailureThrottle } from '../src/failure-throttle.ts'

describe('the bound on wrong passwords', () => {
  it('is reached, and gives way as time goes by', () => {
    let now = 0
    const throttle = new FailureThrottle(2, 60_000, () => now)

    expect([throttle.take('a'), throttle.take('a'), throttle.take('a')]).toEqual([0, 0, 30])
    now = 29_500
    expect(throttle.take('a')).toBe(1)
    now = 30_000
    expect([throttle.take('a'), throttle.take('a')]).toEqual([0, 30])
    now = 1_000_000
    expect([throttle.take('a'), throttle.take('a'), throttle.take('a')]).toEqual([0, 0, 30])
  })

  it('does not count what was given back', () => {
    const throttle = new FailureThrottle(1, 60_000, () => 0)
    throttle.take('a')

    throttle.giveBack('a')
    throttle.giveBack('a')

    expect([throttle.take('a'), throttle.take('a')]).toEqual([0, 60])
  })

  it('is none with 0', () => {
    const throttle = new FailureThrottle(0, 60_000, () => 0)

    expect([throttle.take('a'), throttle.take('a')]).toEqual([0, 0])
  })
})
