import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Channel } from '../../src/workers/channel.ts'
import type { Order, Report } from '../../src/workers/messages.ts'
import { WorkerPeers } from '../../src/workers/worker-peers.ts'
import { FakeFleet, type FakeProcess } from './fake-processes.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

describe('a question of a worker', () => {
  it('goes to all of them, and all answers come back to it', async () => {
    const { processes, ask, questionTo, answersTo } = await started(3)

    ask(processes[0])
    for (const [index, process] of processes.entries()) {
      process.say({ type: 'answer', id: questionTo(process), answer: index })
    }

    expect(answersTo(processes[0])).toEqual([0, 1, 2])
    expect(answersTo(processes[1])).toBeUndefined()
  })

  it('is answered without those who know nothing, end or take too long', async () => {
    const { processes, ask, questionTo, answersTo } = await started(4)

    ask(processes[0])
    processes[0]?.say({ type: 'answer', id: questionTo(processes[0]), answer: 'known' })
    processes[1]?.say({ type: 'answer', id: questionTo(processes[1]) })
    processes[2]?.kill()
    expect(answersTo(processes[0])).toBeUndefined()
    await vi.advanceTimersByTimeAsync(2000)

    expect(answersTo(processes[0])).toEqual(['known'])
  })

  it('is not answered twice by the same worker, nor after its time', async () => {
    const { processes, ask, questionTo, answersTo } = await started(2)

    ask(processes[0])
    const id = questionTo(processes[0])
    processes[0]?.say({ type: 'answer', id, answer: 1 })
    processes[0]?.say({ type: 'answer', id, answer: 1 })
    await vi.advanceTimersByTimeAsync(2000)
    processes[1]?.say({ type: 'answer', id, answer: 2 })

    expect(answersTo(processes[0])).toEqual([1])
  })
})

describe('the peers of a worker', () => {
  it('are asked by way of its supervisor, and it answers them', async () => {
    const channel = new FakeChannel()
    const peers = new WorkerPeers(channel)
    using offer = peers.answer('sum', (question) => Number(question) + 1)

    const asked = peers.ask('sum', 1)
    channel.order({ type: 'answers', id: 1, answers: [2, 3] })
    channel.order({ type: 'question', id: 7, topic: 'sum', question: 41 })
    channel.order({ type: 'question', id: 8, topic: 'unknown' })
    await vi.advanceTimersByTimeAsync(0)

    expect(await asked).toEqual([2, 3])
    expect(offer).toBeDefined()
    expect(channel.reports).toEqual([
      { type: 'ask', id: 1, topic: 'sum', question: 1 },
      { type: 'answer', id: 7, answer: 42 },
      { type: 'answer', id: 8, answer: undefined },
    ])
  })

  it('have nothing to say if the supervisor is silent', async () => {
    const asked = new WorkerPeers(new FakeChannel()).ask('sum')
    await vi.advanceTimersByTimeAsync(3000)

    expect(await asked).toEqual([])
  })
})

class FakeChannel implements Channel {
  readonly reports: Report[] = []
  readonly #listeners: ((order: Order) => void)[] = []

  async send(report: Report): Promise<void> {
    this.reports.push(report)
  }

  onOrder(listener: (order: Order) => void): void {
    this.#listeners.push(listener)
  }

  onClose(): void {
    // It stays open.
  }

  order(order: Order): void {
    for (const listener of this.#listeners) listener(order)
  }
}

interface Started {
  readonly processes: readonly FakeProcess[]
  readonly ask: (process: FakeProcess | undefined) => void
  /** The number of the question that a worker was asked last. */
  readonly questionTo: (process: FakeProcess | undefined) => number
  readonly answersTo: (process: FakeProcess | undefined) => readonly unknown[] | undefined
}

async function started(workers: number): Promise<Started> {
  const { fleet, processes } = new FakeFleet(workers)
  await fleet.start()
  return {
    processes,
    ask: (process) => process?.say({ type: 'ask', id: 1, topic: 'test' }),
    questionTo: (process) => {
      const asked = process?.orders.findLast(({ type }) => type === 'question')
      return asked?.type === 'question' ? asked.id : 0
    },
    answersTo: (process) => {
      const order = process?.orders.findLast(({ type }) => type === 'answers')
      return order?.type === 'answers' ? order.answers : undefined
    },
  }
}
