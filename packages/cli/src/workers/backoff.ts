const firstMs = 100
const longestMs = 30_000

/**
 * How long to wait before something that ended is started again: 100 ms, then twice as long each
 * time up to 30 s, and from the beginning once it ran for 30 s.
 */
export class Backoff {
  #nextMs = firstMs

  /** Milliseconds to wait for what ended after it had run for `ranMs`. */
  next(ranMs: number): number {
    const waitMs = ranMs >= longestMs ? firstMs : this.#nextMs
    this.#nextMs = Math.min(waitMs * 2, longestMs)
    return waitMs
  }
}
