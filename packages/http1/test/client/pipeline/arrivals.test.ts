import { describe, expect, it } from 'vitest'
import { Arrivals } from '../../../src/client/pipeline/arrivals.ts'

describe('bytes that arrive', () => {
  it('may answer what had been sent, though more is sent before they are read', () => {
    const arrivals = new Arrivals()

    arrivals.add(10, 0, 1)
    arrivals.add(20, 10, 3)
    arrivals.add(30, 30, 3)
    arrivals.add(40, 60, 4)

    const unread = [100, 91, 90, 70, 41, 40, 1, 0]
    expect(unread.map((bytes) => arrivals.sentBefore(bytes))).toEqual([1, 1, 3, 3, 3, 4, 4, 4])
  })

  it('are forgotten once they are read', () => {
    const arrivals = new Arrivals()

    arrivals.add(10, 0, 1)
    arrivals.add(20, 10, 2)
    arrivals.add(5, 0, 7)

    expect(arrivals.sentBefore(5)).toBe(7)
  })
})
