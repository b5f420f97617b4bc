import {
  type PeerAnswer,
  PeerAnswers,
  type Peers,
  type Survey,
  type TotalsOf,
} from '@gatewright/kernel'
import type { Channel } from './channel.ts'
import type { Order } from './messages.ts'

/** How long a worker waits for a supervisor that is busy or gone. */
const patienceMs = 3000
/** How long it takes at most to say what was counted, at the end. */
const lastWordsMs = 1000
/** Of a supervisor that does not answer. */
const nothing: Survey = { answers: [], others: {} }

/** The other workers, by way of the supervisor. */
export class WorkerPeers implements Peers {
  readonly #channel: Channel
  readonly #answers = new PeerAnswers()
  readonly #asked = new Map<number, (survey: Survey) => void>()
  readonly #bequests = new Set<Promise<void>>()
  #lastId = 0

  constructor(channel: Channel) {
    this.#channel = channel
    channel.onOrder((order) => this.#take(order))
  }

  async ask(topic: string, question?: unknown): Promise<readonly unknown[]> {
    return (await this.survey(topic, question)).answers
  }

  async survey(topic: string, question?: unknown): Promise<Survey> {
    const id = ++this.#lastId
    const { promise, resolve } = Promise.withResolvers<Survey>()
    this.#asked.set(id, resolve)
    const timer = setTimeout(() => resolve(nothing), patienceMs)
    await this.#channel.send({ type: 'ask', id, topic, question })
    const { answers, others } = await promise
    clearTimeout(timer)
    this.#asked.delete(id)
    return { answers, others }
  }

  answer<A>(topic: string, answer: PeerAnswer<A>, totals?: TotalsOf<A>): Disposable {
    const offer = this.#answers.add(topic, answer, totals)
    return {
      [Symbol.dispose]: () => {
        // Whoever counted may be gone before the process is.
        if (totals !== undefined) this.#bequeath(topic)
        offer[Symbol.dispose]()
      },
    }
  }

  /** Says what was counted. Comes back when that is on its way, or would take too long. */
  async bequeath(): Promise<void> {
    for (const topic of this.#answers.counted) this.#bequeath(topic)
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, lastWordsMs)
    await Promise.race([Promise.all(this.#bequests), promise])
    clearTimeout(timer)
  }

  #bequeath(topic: string): void {
    const said = this.#answers.give(topic, undefined).then(async ({ totals }) => {
      if (totals !== undefined) await this.#channel.send({ type: 'bequest', topic, totals })
      this.#bequests.delete(said)
    })
    this.#bequests.add(said)
  }

  #take(order: Order): void {
    if (order.type === 'answers') this.#asked.get(order.id)?.(order)
    else if (order.type === 'question') void this.#give(order.id, order.topic, order.question)
  }

  async #give(id: number, topic: string, question: unknown): Promise<void> {
    const given = await this.#answers.give(topic, question)
    await this.#channel.send({ type: 'answer', id, ...given })
  }
}
