/**
 * Keeps kinds of failures out of the log that would only say the same in each line.
 *
 * @module
 */
import type { GatewayError } from './gateway-error.ts'

interface Tally {
  /** Since the last line. */
  count: number
  loggedAt: number
}

/** Log → code → how often it failed so. There are only as many codes as kinds with an interval. */
const tallies = new WeakMap<object, Map<string, Tally>>()

/**
 * Counts a failure that is to be logged.
 * @returns For how many failures of its kind a line stands that is written now; 0 if none should be
 *   written yet.
 */
export function countForLog(log: object, { code, kind }: GatewayError): number {
  const { logIntervalMs } = kind
  if (logIntervalMs === undefined) return 1
  const tally = tallyOf(log, code)
  tally.count++
  const now = performance.now()
  if (now - tally.loggedAt < logIntervalMs) return 0
  const { count } = tally
  tally.loggedAt = now
  tally.count = 0
  return count
}

function tallyOf(log: object, code: string): Tally {
  let byCode = tallies.get(log)
  if (byCode === undefined) {
    byCode = new Map()
    tallies.set(log, byCode)
  }
  let tally = byCode.get(code)
  if (tally === undefined) {
    tally = { count: 0, loggedAt: Number.NEGATIVE_INFINITY }
    byCode.set(code, tally)
  }
  return tally
}
