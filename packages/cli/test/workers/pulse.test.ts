import { describe, expect, it } from 'vitest'
import { Pulse } from '../../src/workers/pulse.ts'

describe('the pulse of a worker', () => {
  it('may stop for a minute while it starts, and for the timeout from then on', () => {
    const pulse = new Pulse(10_000, 0)

    expect(pulse.silence(60_000)).toBeUndefined()
    expect(pulse.silence(60_001)).toBe(60_001)
    pulse.settle()
    pulse.beat(100_000)
    expect(pulse.silence(110_000)).toBeUndefined()
    expect(pulse.silence(110_001)).toBe(10_001)
  })

  it('is not missed in a time in which nobody could hear it', () => {
    const pulse = new Pulse(10_000, 0)
    pulse.settle()

    pulse.excuse(3_600_000)

    expect(pulse.silence(3_610_000)).toBeUndefined()
    expect(pulse.silence(3_610_001)).toBe(10_001)
  })
})
