import { type Plan, planOf } from './plan.ts'

/** At most so many problems are kept; the first one says it all. */
const maxProblems = 5

/** What the two sides of a run share. */
export class Run {
  readonly seed: number
  readonly problems: string[] = []
  /** Exchanges whose response came whole. */
  whole = 0
  /** Exchanges that somebody broke off. */
  broken = 0
  /** Exchanges that the gateway answered itself. */
  refused = 0
  /** Bytes that were looked at. */
  bytes = 0
  readonly #tries = new Map<number, number>()
  readonly #total: number
  #begun = 0

  constructor(seed: number, total: number) {
    this.seed = seed
    this.#total = total
  }

  get left(): number {
    // What follows a problem is of no interest.
    return this.problems.length > 0 ? 0 : this.#total - this.#begun
  }

  /** The next exchange. */
  begin(): Plan {
    return this.plan(++this.#begun)
  }

  plan(id: number): Plan {
    return planOf(this.seed, id)
  }

  /** Counts the tries that reach an upstream, from 0. */
  nextTry(id: number): number {
    const tries = this.#tries.get(id) ?? 0
    this.#tries.set(id, tries + 1)
    return tries
  }

  /** Nothing more is to be known of an exchange. */
  forget(id: number): void {
    this.#tries.delete(id)
  }

  /** Calls something that throws at what is wrong. Returns whether nothing was. */
  check(where: string, look: () => void): boolean {
    try {
      look()
      return true
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      if (this.problems.length < maxProblems) {
        this.problems.push(`seed ${this.seed}, ${where}: ${text}`)
      }
      return false
    }
  }
}
