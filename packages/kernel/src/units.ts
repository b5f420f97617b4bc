/**
 * Durations and sizes as configurations write them.
 *
 * @module
 */

/** Longest time that a Node timer can wait, in milliseconds. */
export const maxTimerMs = 2 ** 31 - 1

const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

const byteUnits: Readonly<Record<string, number>> = {
  b: 1,
  k: 1024,
  kb: 1000,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1000 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1000 ** 3,
  gib: 1024 ** 3,
}

/**
 * Milliseconds of `"250ms"`, `"1m30s"`, `"1.5h"`, or of a bare number, which counts seconds.
 * `undefined` if the text is nothing of the kind or means more than a timer can wait (24.8 days).
 */
export function tryDuration(value: string | number): number | undefined {
  const text = String(value).trim()
  if (!isDuration(text)) return undefined
  if (/^\d+$/.test(text)) return bounded(Number(text) * 1000, maxTimerMs)
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (durationUnits[unit ?? ''] ?? Number.NaN)
  }
  return bounded(Math.round(total), maxTimerMs)
}

/** What is wrong with what is no duration. */
export function whyNoDuration(value: unknown): string {
  const text = String(value).trim()
  if (/^-\d/.test(text)) return 'expected a duration that is not below 0, and at most 24 days'
  // It would be one but for its length.
  if (isDuration(text)) return 'expected a duration of at most 24 days'
  return 'expected a duration such as "250ms" or "1m30s"'
}

function isDuration(text: string): boolean {
  return /^\d+$/.test(text) || /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(text)
}

/**
 * Bytes of `"64KiB"`, `"10MB"`, `"1.5g"`, or of a bare number. `K`, `M` and `G` alone count in
 * powers of 1024. `undefined` if the text is nothing of the kind.
 */
export function tryBytes(value: string | number): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(String(value).trim())
  if (match === null) return undefined
  const unit = match[2] === '' ? 1 : byteUnits[(match[2] ?? '').toLowerCase()]
  if (unit === undefined) return undefined
  return bounded(Math.round(Number(match[1]) * unit), Number.MAX_SAFE_INTEGER)
}

function bounded(value: number, max: number): number | undefined {
  return value <= max ? value : undefined
}
