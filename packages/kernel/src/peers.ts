/**
 * The processes that work alike beside each other, as their plugins see them.
 *
 * @module
 */
import type { Awaitable } from './awaitable.ts'

/** Answers a question of a peer. Question and answer survive JSON. */
export type PeerAnswer = (question: unknown) => Awaitable<unknown>

/** The processes that work alike: what counts for all of them has to be asked of all. */
export interface Peers {
  /**
   * What everybody answers, this process included: one answer for each, in no order. Whoever fails,
   * has nobody to answer, or takes longer than a second or two is left out. Never rejects.
   * @param topic Begins with the name of the plugin.
   */
  ask(topic: string, question?: unknown): Promise<readonly unknown[]>
  /** Answers for this process. The last one who offers to counts, until it is disposed. */
  answer(topic: string, answer: PeerAnswer): Disposable
}

/** Who answers in one process. */
export class PeerAnswers {
  readonly #answers = new Map<string, PeerAnswer>()

  /** See {@link Peers.answer}. */
  add(topic: string, answer: PeerAnswer): Disposable {
    this.#answers.set(topic, answer)
    return {
      [Symbol.dispose]: () => {
        if (this.#answers.get(topic) === answer) this.#answers.delete(topic)
      },
    }
  }

  /** `undefined` if there is no answer. Never rejects. */
  async give(topic: string, question: unknown): Promise<unknown> {
    try {
      return await this.#answers.get(topic)?.(question)
    } catch {
      // Whoever asks goes on without it.
      return undefined
    }
  }
}

/** A process without any other one. */
export class LonePeers implements Peers {
  readonly #answers = new PeerAnswers()

  async ask(topic: string, question?: unknown): Promise<readonly unknown[]> {
    const answer = await this.#answers.give(topic, question)
    return answer === undefined ? [] : [answer]
  }

  answer(topic: string, answer: PeerAnswer): Disposable {
    return this.#answers.add(topic, answer)
  }
}
