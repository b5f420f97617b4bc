/**
 * The processes that work alike beside each other, as their plugins see them.
 *
 * @module
 */
import type { Awaitable } from './awaitable.ts'

/** Answers a question of a peer. Question and answer survive JSON. */
export type PeerAnswer<A = unknown> = (question: unknown) => Awaitable<A>

/**
 * What a process has counted so far, by what it counts: numbers that only grow. Those of several
 * processes are added up, place by place. Survives JSON.
 */
export type PeerTotals = Readonly<Record<string, readonly number[]>>

/**
 * What goes on counting when the process has ended. Gets what was answered, or `undefined` if that
 * failed, which at the end of a process it may. `undefined` if it cannot say.
 */
export type TotalsOf<A> = (answer: A | undefined) => Awaitable<PeerTotals | undefined>

/** What everybody answers, and what those said who have ended. */
export interface Survey {
  /** One for each process, in no order. */
  readonly answers: readonly unknown[]
  /** The totals of those that have ended, and of those that did not answer in time. */
  readonly others: PeerTotals
}

/** The processes that work alike: what counts for all of them has to be asked of all. */
export interface Peers {
  /**
   * What everybody answers, this process included: one answer for each, in no order. Whoever fails,
   * has nobody to answer, or takes longer than a second or two is left out. Never rejects.
   * @param topic Begins with the name of the plugin.
   */
  ask(topic: string, question?: unknown): Promise<readonly unknown[]>
  /**
   * The same with what those counted that are not among the answers, so that sums never decrease
   * when a process takes the place of another one.
   */
  survey(topic: string, question?: unknown): Promise<Survey>
  /**
   * Answers for this process. The last one who offers to counts, until it is disposed.
   * @param totals Called after each answer, and before the process ends.
   */
  answer<A>(topic: string, answer: PeerAnswer<A>, totals?: TotalsOf<A>): Disposable
}

/** An answer, and what of it goes on counting. */
export interface GivenAnswer {
  readonly answer?: unknown
  readonly totals?: PeerTotals | undefined
}

/** How a topic is answered. */
interface Offer {
  readonly answer: PeerAnswer
  readonly totals: TotalsOf<unknown> | undefined
}

/** Who answers in one process. */
export class PeerAnswers {
  readonly #offers = new Map<string, Offer>()

  /** The topics with totals. */
  get counted(): readonly string[] {
    const offers = [...this.#offers]
    return offers.flatMap(([topic, { totals }]) => (totals === undefined ? [] : topic))
  }

  /** See {@link Peers.answer}. */
  add<A>(topic: string, answer: PeerAnswer<A>, totals?: TotalsOf<A>): Disposable {
    // It gets what its own answer comes back with, and nothing else.
    const offer: Offer = { answer, totals: totals as TotalsOf<unknown> | undefined }
    this.#offers.set(topic, offer)
    return {
      [Symbol.dispose]: () => {
        if (this.#offers.get(topic) === offer) this.#offers.delete(topic)
      },
    }
  }

  /** Empty if there is no answer. Never rejects. */
  async give(topic: string, question: unknown): Promise<GivenAnswer> {
    const offer = this.#offers.get(topic)
    let answer: unknown
    try {
      answer = await offer?.answer(question)
    } catch {
      // Whoever asks goes on without it.
    }
    if (offer?.totals === undefined) return { answer }
    try {
      return { answer, totals: await offer.totals(answer) }
    } catch {
      return { answer }
    }
  }
}

/** A process without any other one. */
export class LonePeers implements Peers {
  readonly #answers = new PeerAnswers()

  async ask(topic: string, question?: unknown): Promise<readonly unknown[]> {
    return (await this.survey(topic, question)).answers
  }

  async survey(topic: string, question?: unknown): Promise<Survey> {
    const { answer } = await this.#answers.give(topic, question)
    return { answers: answer === undefined ? [] : [answer], others: {} }
  }

  answer<A>(topic: string, answer: PeerAnswer<A>, totals?: TotalsOf<A>): Disposable {
    return this.#answers.add(topic, answer, totals)
  }
}
