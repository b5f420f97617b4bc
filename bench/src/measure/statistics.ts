/** What is reported of several repetitions. */
export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Throws without values. */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b)
  const [min] = sorted
  const max = sorted.at(-1)
  if (min === undefined || max === undefined) throw new Error('there is nothing to summarize')
  return { median: middle(sorted), min, max }
}

/**
 * Ratio of each repetition to the same repetition of the other, since both then ran next to each
 * other and had the same neighbours. Repetitions that one of them lacks are left out.
 */
export function ratios(values: readonly number[], others: readonly number[]): readonly number[] {
  const count = Math.min(values.length, others.length)
  return values.slice(0, count).map((value, index) => value / (others[index] ?? Number.NaN))
}

/** The value that the given part of the sorted values does not exceed (nearest rank). */
export function percentile(sorted: ArrayLike<number>, part: number): number {
  const index = Math.max(0, Math.ceil(sorted.length * part) - 1)
  return sorted[index] ?? Number.NaN
}

function middle(sorted: readonly number[]): number {
  const half = Math.floor(sorted.length / 2)
  const upper = sorted[half] ?? Number.NaN
  if (sorted.length % 2 === 1) return upper
  return ((sorted[half - 1] ?? Number.NaN) + upper) / 2
}
