/** So many requests each second, and as many at once. */
export class Allowance {
  readonly #perSecond: number
  #left: number
  #countedAt = 0

  constructor(perSecond: number) {
    this.#perSecond = perSecond
    this.#left = perSecond
  }

  /**
   * Takes one, if there is one.
   * @param now `performance.now()`
   */
  take(now: number): boolean {
    const gained = ((now - this.#countedAt) / 1000) * this.#perSecond
    this.#countedAt = now
    this.#left = Math.min(this.#perSecond, this.#left + Math.max(0, gained))
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
