import type { Verdict } from './verdict.ts'

/** What one client has used up of its limit. Is told the time, by a clock that never goes back. */
export interface Meter {
  /**
   * Decides about one request and counts it if it is allowed.
   * @param now Milliseconds.
   * @param cost How many ordinary requests it is worth; more than the limit counts as the limit.
   */
  take(now: number, cost: number): Verdict
  /** True if a new meter would decide the same from now on, so this one can be forgotten. */
  isIdle(now: number): boolean
}
