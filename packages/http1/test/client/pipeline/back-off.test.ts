import { describe, expect, it } from 'vitest'
import { BackOff } from '../../../src/client/pipeline/back-off.ts'

describe('a back-off', () => {
  it('lasts for twice as long each time, up to five minutes', () => {
    const backOff = new BackOff()
    const lengths: number[] = []

    let now = 0
    for (let failure = 0; failure < 11; failure++) {
      const failedAt = now
      backOff.fail(now)
      while (!backOff.allows(now)) now += 1000
      lengths.push((now - failedAt) / 1000)
    }

    expect(lengths).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
  })

  it('takes failures until the next try for one', () => {
    const backOff = new BackOff()

    backOff.fail(0)
    backOff.fail(500)

    expect(backOff.allows(999)).toBe(false)
    expect(backOff.allows(1000)).toBe(true)
  })

  it('begins anew after a success', () => {
    const backOff = new BackOff()

    backOff.fail(0)
    backOff.fail(1000)
    backOff.succeed()
    backOff.fail(3000)

    expect(backOff.allows(4000)).toBe(true)
  })
})
