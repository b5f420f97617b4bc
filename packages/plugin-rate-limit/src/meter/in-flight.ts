import type { Verdict } from './verdict.ts'

/** Counts what is under way for each client. Holds nothing for clients with nothing under way. */
export class InFlight implements Disposable {
  readonly #limit: number
  readonly #counts = new Map<string, number>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** How many clients have something under way. */
  get size(): number {
    return this.#counts.size
  }

  /** Begins one if it is allowed; give it back with {@link InFlight.release}. */
  take(key: string): Verdict {
    const limit = this.#limit
    const count = this.#counts.get(key) ?? 0
    const allowed = count < limit
    if (allowed) this.#counts.set(key, count + 1)
    const remaining = allowed ? limit - count - 1 : 0
    // Nobody knows when one of the others ends; a second is what it takes to ask without harm.
    return { allowed, limit, remaining, resetMs: undefined, retryMs: allowed ? 0 : 1000 }
  }

  release(key: string): void {
    const count = this.#counts.get(key) ?? 0
    if (count > 1) this.#counts.set(key, count - 1)
    else this.#counts.delete(key)
  }

  [Symbol.dispose](): void {
    // What is under way gives back what it took, whoever asks for it.
  }
}
