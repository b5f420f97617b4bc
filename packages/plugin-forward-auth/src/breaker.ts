/** How a question ended, as far as the auth server had to do with it. */
export type Outcome = 'answer' | 'failure' | 'neither'

/**
 * Keeps requests from waiting for an auth server that is gone: after some failures in a row it is
 * given a rest, and then asked by one request at a time until it answers.
 */
export class Breaker implements Disposable {
  readonly #most: number
  readonly #cooldownMs: number
  readonly #now: () => number
  #failures = 0
  #openUntil = Number.NEGATIVE_INFINITY
  #trying = false

  /**
   * @param most Failures in a row; 0 never gives a rest.
   * @param now Milliseconds of a clock that never goes back.
   */
  constructor(most: number, cooldownMs: number, now: () => number = () => performance.now()) {
    this.#most = most
    this.#cooldownMs = cooldownMs
    this.#now = now
  }

  /** True if the server may be asked; how that ended is to be told to {@link Breaker.settle}. */
  tryAsk(): boolean {
    if (!this.#isOpen) return true
    if (this.#trying || this.#now() < this.#openUntil) return false
    this.#trying = true
    return true
  }

  /** A question that was allowed has ended. Returns true if the rest begins with that. */
  settle(outcome: Outcome): boolean {
    this.#trying = false
    if (outcome === 'answer') this.#failures = 0
    if (outcome !== 'failure') return false
    const now = this.#now()
    // What was asked before the rest began and fails during it does not make it longer.
    if (this.#isOpen && now < this.#openUntil) return false
    const wasOpen = this.#isOpen
    this.#failures++
    if (this.#isOpen) this.#openUntil = now + this.#cooldownMs
    return this.#isOpen && !wasOpen
  }

  get #isOpen(): boolean {
    return this.#most > 0 && this.#failures >= this.#most
  }

  /** Nothing to release; `Scope.keep` wants to be able to ask. */
  [Symbol.dispose](): void {}
}
