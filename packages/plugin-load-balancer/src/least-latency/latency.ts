/**
 * A failure counts like an answer that took this long, in milliseconds, however fast it came: a
 * server that refuses everything at once would otherwise be the fastest of all.
 */
const failureMs = 1000

/**
 * How long an endpoint takes to answer, as an average in which the last seconds count most (EWMA).
 * It follows a slower answer at once and faster ones slowly (peak EWMA), so that traffic leaves an
 * endpoint before it piles up there. All times are in milliseconds.
 */
export class Latency {
  #estimate = 0
  #measuredAt = Number.NaN

  /** True once there was any answer or failure. */
  get measured(): boolean {
    return !Number.isNaN(this.#measuredAt)
  }

  /** Without traffic it fades towards 0, so that an endpoint that was slow once is tried again. */
  at(now: number, decay: number): number {
    return this.measured ? this.#estimate * this.#rest(now, decay) : 0
  }

  /** An answer came after `took`. */
  answered(took: number, now: number, decay: number): void {
    this.#follow(took, took, now, decay)
  }

  /** It failed after `took`: what takes many failures to be known for sure is not jumped to. */
  failed(took: number, now: number, decay: number): void {
    this.#follow(Math.max(took, failureMs), took, now, decay)
  }

  /** Somebody gave up after `took`: all that is known is that an answer would have taken longer. */
  givenUp(took: number, now: number, decay: number): void {
    if (took > this.at(now, decay)) this.#follow(took, took, now, decay)
  }

  /**
   * @param towards What the average moves to, the more the longer ago it was moved last.
   * @param least What it is at least from now on.
   */
  #follow(towards: number, least: number, now: number, decay: number): void {
    const rest = this.measured ? this.#rest(now, decay) : 0
    this.#estimate = Math.max(least, this.#estimate * rest + towards * (1 - rest))
    this.#measuredAt = now
  }

  /** How much of the past still counts, from 0 to 1. */
  #rest(now: number, decay: number): number {
    return Math.exp(Math.min(0, this.#measuredAt - now) / decay)
  }
}
