/**
 * What keeps a log line per request out of the log.
 *
 * @module
 */

const minuteMs = 60_000

/** Tells the beginning of trouble from its going on. */
export class Episodes<Kind extends string> {
  /** When each kind was last seen. */
  readonly #seen = new Map<Kind, number>()

  /**
   * True if this is the first of its kind after a minute without any.
   * @param now Milliseconds of a clock that never goes back.
   */
  begins(kind: Kind, now: number): boolean {
    const last = this.#seen.get(kind)
    this.#seen.set(kind, now)
    return last === undefined || now - last >= minuteMs
  }
}

/** So many lines a minute. */
export class LineBudget {
  #begunAt = Number.NEGATIVE_INFINITY
  #lines = 0
  #suppressed = 0

  /**
   * Takes one line.
   * @returns How many were refused since the last one that was not; `undefined` if this one is.
   */
  take(perMinute: number, now: number): number | undefined {
    if (now - this.#begunAt >= minuteMs) {
      this.#begunAt = now
      this.#lines = 0
    }
    if (this.#lines >= perMinute) {
      this.#suppressed++
      return undefined
    }
    this.#lines++
    const suppressed = this.#suppressed
    this.#suppressed = 0
    return suppressed
  }
}
