import { describe, expect, it } from 'vitest'
import { SerialQueue } from '../src/serial-queue.ts'

describe('a serial queue', () => {
  it('runs one piece of work after the other, failing ones included', async () => {
    const trace: string[] = []
    const queue = new SerialQueue()
    const work = (name: string) => async (): Promise<string> => {
      trace.push(`${name} begins`)
      await new Promise(setImmediate)
      trace.push(`${name} ends`)
      if (name === 'b') throw new Error('boom')
      return name
    }

    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((name) => queue.run(work(name))))

    expect(trace).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  it('runs the newest only of those that may replace each other', async () => {
    const ran: number[] = []
    const queue = new SerialQueue()
    const gate = Promise.withResolvers<void>()
    const first = queue.run(() => gate.promise)
    const latest = [1, 2, 3].map((name) => queue.runLatest(async () => void ran.push(name)))
    const other = queue.run(async () => void ran.push(4))
    gate.resolve()

    const outcomes = await Promise.allSettled([first, ...latest, other])

    expect(ran).toEqual([3, 4])
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
      'fulfilled',
    ])
    expect(outcomes[1]).toMatchObject({ reason: { code: 'GW_SUPERSEDED' } })
  })

  it('is idle when nothing is left, what was added meanwhile included', async () => {
    const trace: string[] = []
    const queue = new SerialQueue()
    void queue.run(async () => {
      trace.push('first')
      void queue.run(async () => void trace.push('second'))
    })

    await queue.idle()

    expect(trace).toEqual(['first', 'second'])
  })
})
