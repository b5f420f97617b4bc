/** How long to wait before a retry: exponential, with full jitter, within a bound. */
export class Backoff {
  readonly #intervalMs: number
  readonly #maxMs: number
  readonly #random: () => number

  /** @param random A number from 0 to below 1; default `Math.random`. */
  constructor(intervalMs: number, maxMs: number, random: () => number = Math.random) {
    this.#intervalMs = intervalMs
    this.#maxMs = maxMs
    this.#random = random
  }

  /**
   * Milliseconds.
   * @param retry 0 for the first retry.
   * @param askedMs What the upstream asked for. The pause is not shorter, up to the bound.
   */
  delayMs(retry: number, askedMs = 0): number {
    // No interval needs more doublings to reach any bound, and 0 times infinity is no number.
    const ceiling = Math.min(this.#intervalMs * 2 ** Math.min(retry, 30), this.#maxMs)
    const jittered = Math.round(this.#random() * ceiling)
    return Math.max(jittered, Math.min(askedMs, this.#maxMs))
  }
}

/**
 * Milliseconds that a `Retry-After` field asks for, in seconds or as a date (RFC 9110 section
 * 10.2.3). `undefined` if it is neither.
 * @param now Milliseconds since 1970.
 */
export function tryRetryAfter(value: string, now: number): number | undefined {
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
