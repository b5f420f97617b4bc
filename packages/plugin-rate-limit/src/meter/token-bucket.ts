import type { Meter } from './meter.ts'
import type { Verdict } from './verdict.ts'

/** How all buckets of one limit fill. */
export interface BucketRule {
  /** How many tokens it holds; at least 1. */
  readonly capacity: number
  readonly tokensPerMs: number
}

/** Sums of fractions miss whole numbers by less than this. */
const rounding = 1e-6

/** Holds tokens that come back at a steady rate. A request takes its cost or is refused. */
export class TokenBucket implements Meter {
  readonly #rule: BucketRule
  #tokens: number
  #filledAt: number

  constructor(rule: BucketRule, now: number) {
    this.#rule = rule
    this.#tokens = rule.capacity
    this.#filledAt = now
  }

  take(now: number, cost: number): Verdict {
    const { capacity, tokensPerMs } = this.#rule
    this.#fill(now)
    const needed = Math.min(cost, capacity)
    const missing = needed - this.#tokens
    const allowed = missing <= rounding
    if (allowed) this.#tokens = Math.max(0, this.#tokens - needed)
    return {
      allowed,
      limit: Math.floor(capacity),
      remaining: Math.floor(this.#tokens + rounding),
      resetMs: (capacity - this.#tokens) / tokensPerMs,
      retryMs: allowed ? 0 : missing / tokensPerMs,
    }
  }

  isIdle(now: number): boolean {
    this.#fill(now)
    return this.#tokens >= this.#rule.capacity
  }

  #fill(now: number): void {
    const { capacity, tokensPerMs } = this.#rule
    // What was filled once is not filled again.
    if (now <= this.#filledAt) return
    const gained = (now - this.#filledAt) * tokensPerMs
    this.#tokens = Math.min(capacity, this.#tokens + gained)
    this.#filledAt = now
  }
}
