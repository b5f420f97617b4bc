/** Lets a number of connections in each second, and no more than that at once. */
export class AcceptRate implements Disposable {
  readonly #perSecond: number
  #tokens: number
  #filledAt = Number.NEGATIVE_INFINITY

  constructor(perSecond: number) {
    this.#perSecond = perSecond
    this.#tokens = perSecond
  }

  /**
   * Takes the place of one connection; false if there is none.
   * @param now Milliseconds of a clock that never goes back.
   */
  tryTake(now: number): boolean {
    const earned = ((now - this.#filledAt) / 1000) * this.#perSecond
    this.#tokens = Math.min(this.#perSecond, this.#tokens + earned)
    this.#filledAt = now
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  /** Nothing to release; `Scope.keep` wants to be able to ask. */
  [Symbol.dispose](): void {}
}
