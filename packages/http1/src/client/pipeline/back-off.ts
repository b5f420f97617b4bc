const firstMs = 1000
const maxMs = 300_000

/** Leaves something that went wrong alone for a while, each time for twice as long. */
export class BackOff {
  #failures = 0
  #until = 0

  /** Whether another try may be made. */
  allows(now: number): boolean {
    return now >= this.#until
  }

  /** It went wrong. What goes wrong until the next try belongs to the same failure. */
  fail(now: number): void {
    if (!this.allows(now)) return
    this.#until = now + Math.min(maxMs, firstMs * 2 ** this.#failures)
    this.#failures++
  }

  /** It has proved itself: the next failure counts as the first one. */
  succeed(): void {
    this.#failures = 0
  }
}
