import { MeterTable } from './meter-table.ts'
import { SlidingWindow } from './sliding-window.ts'
import { TokenBucket } from './token-bucket.ts'

/** How much is allowed, for the algorithms that count requests over time. */
export interface MeterOptions {
  readonly algorithm: 'token-bucket' | 'sliding-window'
  readonly rate: number
  readonly burst?: number
  /** Milliseconds. */
  readonly period: number
  readonly max_keys: number
}

/**
 * A meter for every client.
 * @param share Which part of the limit is this gateway's own; see `Scope.share`.
 */
export function createMeters(options: MeterOptions, share: number): MeterTable {
  const { rate, burst = rate, period, max_keys: maxKeys } = options
  if (options.algorithm === 'sliding-window') {
    const rule = { limit: atLeastOne(rate * share), windowMs: period }
    return new MeterTable(maxKeys, (now) => new SlidingWindow(rule, now))
  }
  const rule = { capacity: atLeastOne(burst * share), tokensPerMs: (rate * share) / period }
  return new MeterTable(maxKeys, (now) => new TokenBucket(rule, now))
}

/** A part of a limit that lets nothing pass would be no limit but a wall. */
function atLeastOne(amount: number): number {
  return Math.max(1, amount)
}
