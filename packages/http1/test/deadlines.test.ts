import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Deadlines, type Timed } from '../src/index.ts'

describe('deadlines', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  it('are never early and at most half a second late', () => {
    const deadlines = new Deadlines()
    deadlines.add(new Patient(Number.POSITIVE_INFINITY))
    vi.advanceTimersByTime(120)
    const patient = new Patient(deadlines.later(1000))
    deadlines.add(patient)

    vi.advanceTimersByTime(1000)
    expect(patient.expiredAt).toBeUndefined()
    vi.advanceTimersByTime(500)

    expect(patient.expiredAt).toBeDefined()
  })

  it.each([
    ['was never anything to wait for', (): void => undefined],
    [
      'was nothing to wait for any more',
      (deadlines: Deadlines): void => {
        const earlier = new Patient(0)
        deadlines.add(earlier)
        deadlines.remove(earlier)
      },
    ],
  ])('begin now though for a long time there %s', (_why, prepare) => {
    const deadlines = new Deadlines()
    prepare(deadlines)
    vi.advanceTimersByTime(60_000)

    const patient = new Patient(deadlines.later(1000))
    deadlines.add(patient)
    vi.advanceTimersByTime(900)
    expect(patient.expiredAt).toBeUndefined()
    vi.advanceTimersByTime(600)

    expect(patient.expiredAt).toBeDefined()
  })
})

class Patient implements Timed {
  dueAt: number
  expiredAt: number | undefined = undefined

  constructor(dueAt: number) {
    this.dueAt = dueAt
  }

  expire(now: number): void {
    this.expiredAt = now
    this.dueAt = Number.POSITIVE_INFINITY
  }
}
