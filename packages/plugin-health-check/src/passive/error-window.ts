/** When the last errors of a server were: as many as are needed to put it out. */
export class ErrorWindow {
  readonly #times: Float64Array
  readonly #windowMs: number
  #next = 0

  constructor(threshold: number, windowMs: number) {
    this.#times = new Float64Array(threshold).fill(Number.NEGATIVE_INFINITY)
    this.#windowMs = windowMs
  }

  /** One more error. True if there are now so many within the window. */
  add(now: number): boolean {
    this.#times[this.#next] = now
    this.#next = (this.#next + 1) % this.#times.length
    // What stands there was written before all the others.
    const oldest = this.#times[this.#next] ?? Number.NEGATIVE_INFINITY
    return now - oldest <= this.#windowMs
  }

  clear(): void {
    this.#times.fill(Number.NEGATIVE_INFINITY)
  }
}
