import type { Meter } from './meter.ts'
import type { Verdict } from './verdict.ts'

/** What all windows of one limit have in common. */
export interface WindowRule {
  /** Requests per window; at least 1. */
  readonly limit: number
  readonly windowMs: number
}

/** Sums of fractions miss whole numbers by less than this. */
const rounding = 1e-6

/**
 * Counts the requests of the last `windowMs` milliseconds out of two numbers: those of the present
 * window, and of those of the one before it the part that the sliding window still covers.
 */
export class SlidingWindow implements Meter {
  readonly #rule: WindowRule
  #startedAt: number
  #current = 0
  #previous = 0

  constructor(rule: WindowRule, now: number) {
    this.#rule = rule
    this.#startedAt = now
  }

  take(now: number, cost: number): Verdict {
    const { limit, windowMs } = this.#rule
    this.#moveTo(now)
    const elapsedMs = now - this.#startedAt
    const needed = Math.min(cost, limit)
    const before = this.#previous * (1 - elapsedMs / windowMs)
    const allowed = before + this.#current + needed <= limit + rounding
    if (allowed) this.#current += needed
    return {
      allowed,
      limit: Math.floor(limit),
      remaining: Math.max(0, Math.floor(limit - before - this.#current + rounding)),
      resetMs: this.#emptyAfterMs(elapsedMs),
      retryMs: allowed ? 0 : this.#waitMs(elapsedMs, limit - needed),
    }
  }

  isIdle(now: number): boolean {
    this.#moveTo(now)
    return this.#current === 0 && this.#previous === 0
  }

  #moveTo(now: number): void {
    const { windowMs } = this.#rule
    const passed = Math.floor((now - this.#startedAt) / windowMs)
    if (passed <= 0) return
    this.#previous = passed === 1 ? this.#current : 0
    this.#current = 0
    this.#startedAt += passed * windowMs
  }

  /** A window counts until the one after it is over. */
  #emptyAfterMs(elapsedMs: number): number {
    const { windowMs } = this.#rule
    if (this.#current > 0) return 2 * windowMs - elapsedMs
    return this.#previous > 0 ? windowMs - elapsedMs : 0
  }

  /** Until no more than `room` requests are counted. */
  #waitMs(elapsedMs: number, room: number): number {
    const { windowMs } = this.#rule
    if (this.#current <= room) {
      const share = (room - this.#current) / this.#previous
      return (1 - share) * windowMs - elapsedMs
    }
    // Not before the present window is the previous one.
    return (1 - room / this.#current) * windowMs + windowMs - elapsedMs
  }
}
