import type { PeerTotals } from '@gatewright/kernel'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Channel } from '../../src/workers/channel.ts'
import type { Order, Report } from '../../src/workers/messages.ts'
import { WorkerPeers } from '../../src/workers/worker-peers.ts'
import { FakeFleet, type FakeProcess } from './fake-processes.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

describe('a question of a worker', () => {
  it('goes to all of them, and all answers come back to it', async () => {
    const { processes, ask, answersTo } = await started(3)

    ask(processes[0])
    for (const [index, process] of processes.entries()) {
      process.say({ type: 'answer', id: questionTo(process), answer: index })
    }

    expect(answersTo(processes[0])).toEqual([0, 1, 2])
    expect(answersTo(processes[1])).toBeUndefined()
  })

  it('is answered without those who know nothing, end or take too long', async () => {
    const { processes, ask, answersTo } = await started(4)

    ask(processes[0])
    processes[0]?.say({ type: 'answer', id: questionTo(processes[0]), answer: 'known' })
    processes[1]?.say({ type: 'answer', id: questionTo(processes[1]) })
    processes[2]?.kill()
    expect(answersTo(processes[0])).toBeUndefined()
    await vi.advanceTimersByTimeAsync(2000)

    expect(answersTo(processes[0])).toEqual(['known'])
  })

  it('is not answered twice by the same worker, nor after its time', async () => {
    const { processes, ask, answersTo } = await started(2)

    ask(processes[0])
    const id = questionTo(processes[0])
    processes[0]?.say({ type: 'answer', id, answer: 1 })
    processes[0]?.say({ type: 'answer', id, answer: 1 })
    await vi.advanceTimersByTimeAsync(2000)
    processes[1]?.say({ type: 'answer', id, answer: 2 })

    expect(answersTo(processes[0])).toEqual([1])
  })
})

describe('what workers have counted', () => {
  it('is told along with the answers when they have ended, added up', async () => {
    const { processes, ask, reply, othersFor } = await started(3)

    ask(processes[0])
    reply(processes[0], { a: [1], b: [1, 10] })
    reply(processes[1], { a: [2] })
    reply(processes[2], { b: [3, 30] })
    expect(othersFor(processes[0])).toEqual({})
    processes[1]?.kill()
    processes[2]?.say({ type: 'bequest', topic: 'test', totals: { a: [5], b: [4, 40] } })
    processes[2]?.kill()
    await vi.advanceTimersByTimeAsync(0)
    ask(processes[0])
    reply(processes[0], { a: [1], b: [1, 10] })

    expect(othersFor(processes[0])).toEqual({ a: [7], b: [4, 40] })
  })

  it('counts once if a worker ends while others have to answer still', async () => {
    const { processes, ask, reply, othersFor } = await started(2)

    ask(processes[0])
    reply(processes[1], { a: [2] })
    processes[1]?.kill()
    await vi.advanceTimersByTimeAsync(0)
    reply(processes[0], { a: [1] })

    expect(othersFor(processes[0])).toEqual({})
  })

  it('is what they said last if they end or stay silent when they are asked', async () => {
    const { processes, ask, reply, othersFor } = await started(3)
    ask(processes[0])
    for (const process of processes) reply(process, { a: [1] })

    ask(processes[0])
    reply(processes[0], { a: [5] })
    processes[1]?.kill()
    await vi.advanceTimersByTimeAsync(2000)

    expect(othersFor(processes[0])).toEqual({ a: [2] })
  })

  it('is kept for those that have nothing to say any more, and for this topic only', async () => {
    const { processes, ask, reply, othersFor } = await started(2)
    ask(processes[0])
    for (const process of processes) reply(process, { a: [1] })

    processes[1]?.say({ type: 'bequest', topic: 'other', totals: { a: [9] } })
    ask(processes[0])
    reply(processes[0], { a: [1] })
    processes[1]?.say({ type: 'answer', id: questionTo(processes[1]) })

    expect(othersFor(processes[0])).toEqual({ a: [1] })
  })
})

describe('the peers of a worker', () => {
  it('are asked by way of its supervisor, and it answers them', async () => {
    const channel = new FakeChannel()
    const peers = new WorkerPeers(channel)
    using offer = peers.answer('sum', (question) => Number(question) + 1)

    const asked = peers.ask('sum', 1)
    channel.order({ type: 'answers', id: 1, answers: [2, 3], others: {} })
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

describe('a worker that is about to end', () => {
  it('says what it has counted, also for those who are gone before it', async () => {
    const channel = new FakeChannel()
    const peers = new WorkerPeers(channel)
    const counter = { value: 1 }
    const offer = peers.answer(
      'early',
      () => ({ ...counter }),
      (said) => said && { n: [said.value] },
    )
    peers.answer(
      'late',
      () => ({ ...counter }),
      (said) => said && { n: [said.value] },
    )
    peers.answer('plain', () => 1)

    counter.value = 2
    offer[Symbol.dispose]()
    counter.value = 3
    await peers.bequeath()

    expect(channel.reports).toEqual([
      { type: 'bequest', topic: 'early', totals: { n: [2] } },
      { type: 'bequest', topic: 'late', totals: { n: [3] } },
    ])
  })

  it('is not held up by what cannot say it', async () => {
    const channel = new FakeChannel()
    const peers = new WorkerPeers(channel)
    peers.answer(
      'stuck',
      () => new Promise(() => undefined),
      () => ({}),
    )
    peers.answer(
      'fails',
      () => 1,
      () => {
        throw new Error('no')
      },
    )

    const said = peers.bequeath()
    await vi.advanceTimersByTimeAsync(1000)
    await said

    expect(channel.reports).toEqual([])
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
  readonly answersTo: (process: FakeProcess | undefined) => readonly unknown[] | undefined
  /** Has a worker answer the question that it was asked last. */
  readonly reply: (process: FakeProcess | undefined, totals: PeerTotals) => void
  /** What it was told last about those that did not answer. */
  readonly othersFor: (process: FakeProcess | undefined) => PeerTotals | undefined
}

async function started(workers: number): Promise<Started> {
  const { fleet, processes } = new FakeFleet(workers)
  await fleet.start()
  return {
    processes,
    ask: (process) => process?.say({ type: 'ask', id: 1, topic: 'test' }),
    answersTo: (process) => {
      const order = process?.orders.findLast(({ type }) => type === 'answers')
      return order?.type === 'answers' ? order.answers : undefined
    },
    reply: (process, totals) =>
      process?.say({ type: 'answer', id: questionTo(process), answer: 'said', totals }),
    othersFor: (process) => {
      const order = process?.orders.findLast(({ type }) => type === 'answers')
      return order?.type === 'answers' ? order.others : undefined
    },
  }
}

/** The number of the question that a worker was asked last. */
function questionTo(process: FakeProcess | undefined): number {
  const asked = process?.orders.findLast(({ type }) => type === 'question')
  return asked?.type === 'question' ? asked.id : 0
}
