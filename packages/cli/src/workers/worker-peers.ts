import { type PeerAnswer, PeerAnswers, type Peers } from '@gatewright/kernel'
import type { Channel } from './channel.ts'
import type { Order } from './messages.ts'

/** How long a worker waits for a supervisor that is busy or gone. */
const patienceMs = 3000

/** The other workers, by way of the supervisor. */
export class WorkerPeers implements Peers {
  readonly #channel: Channel
  readonly #answers = new PeerAnswers()
  readonly #asked = new Map<number, (answers: readonly unknown[]) => void>()
  #lastId = 0

  constructor(channel: Channel) {
    this.#channel = channel
    channel.onOrder((order) => this.#take(order))
  }

  async ask(topic: string, question?: unknown): Promise<readonly unknown[]> {
    const id = ++this.#lastId
    const { promise, resolve } = Promise.withResolvers<readonly unknown[]>()
    this.#asked.set(id, resolve)
    const timer = setTimeout(() => resolve([]), patienceMs)
    await this.#channel.send({ type: 'ask', id, topic, question })
    const answers = await promise
    clearTimeout(timer)
    this.#asked.delete(id)
    return answers
  }

  answer(topic: string, answer: PeerAnswer): Disposable {
    return this.#answers.add(topic, answer)
  }

  #take(order: Order): void {
    if (order.type === 'answers') this.#asked.get(order.id)?.(order.answers)
    else if (order.type === 'question') void this.#give(order.id, order.topic, order.question)
  }

  async #give(id: number, topic: string, question: unknown): Promise<void> {
    const answer = await this.#answers.give(topic, question)
    await this.#channel.send({ type: 'answer', id, answer })
  }
}
