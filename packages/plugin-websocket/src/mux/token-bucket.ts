/** So many a second on average, and so many at once. Told the time, in milliseconds. */
export class TokenBucket {
  readonly #perMs: number
  readonly #size: number
  #tokens: number
  #filledAt: number

  /** @param perSecond 0 means without a bound. */
  constructor(perSecond: number, size: number, now: number) {
    this.#perMs = perSecond / 1000
    this.#size = size
    this.#tokens = size
    this.#filledAt = now
  }

  /** False if there is none left. */
  take(now: number): boolean {
    if (this.#perMs === 0) return true
    this.#tokens = Math.min(this.#size, this.#tokens + (now - this.#filledAt) * this.#perMs)
    this.#filledAt = now
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
