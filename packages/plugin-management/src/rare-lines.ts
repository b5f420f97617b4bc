const everyMs = 10_000

/** Keeps those who are refused again and again from filling the log. */
export class RareLines {
  #saidAt = Number.NEGATIVE_INFINITY
  #untold = 0

  /**
   * How many there were since the last line, this one included, if one is due; else 0.
   * @param now `performance.now()`
   */
  take(now: number): number {
    this.#untold++
    if (now - this.#saidAt < everyMs) return 0
    this.#saidAt = now
    const count = this.#untold
    this.#untold = 0
    return count
  }
}
