import type { Exchange, Route } from '@gatewright/kernel'
import type { Test } from '../rule/condition.ts'

/** A router that an index has led to. */
export interface Candidate {
  /** Place in the priority order: 0 is asked first. */
  readonly rank: number
  /** What is left to ask; `undefined` if nothing is. */
  readonly rest: Test | undefined
  readonly route: Route
}

/**
 * Goes through several lists of candidates as if they were one. Each list has its best first.
 * Reused for every look-up, so that a look-up allocates nothing.
 */
export class CandidateMerge {
  readonly #lists: (readonly Candidate[])[] = []
  /** Where in its list each one goes on. */
  readonly #positions: number[] = []
  #count = 0

  /** Forgets the lists of the look-up before. */
  clear(): void {
    this.#count = 0
  }

  add(list: readonly Candidate[]): void {
    this.#lists[this.#count] = list
    this.#positions[this.#count] = 0
    this.#count++
  }

  /** The route of the first candidate that fits the exchange. */
  firstMatch(exchange: Exchange): Route | undefined {
    let last: Candidate | undefined
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      // A router with several paths may stand in several of the lists.
      if (next === last) continue
      if (next.rest === undefined || next.rest(exchange)) return next.route
      last = next
    }
    return undefined
  }

  #take(): Candidate | undefined {
    let best: Candidate | undefined
    let from = 0
    for (let i = 0; i < this.#count; i++) {
      const candidate = this.#lists[i]?.[this.#positions[i] ?? 0]
      if (candidate === undefined || (best !== undefined && best.rank < candidate.rank)) continue
      best = candidate
      from = i
    }
    this.#positions[from] = (this.#positions[from] ?? 0) + 1
    return best
  }
}
