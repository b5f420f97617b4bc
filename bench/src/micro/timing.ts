/** So many runs; a few of them happen without a neighbour or a collection. */
const runs = 200

/**
 * Nanoseconds of one of the repetitions that `run` makes, in its best run: everything else on the
 * machine can only make the others slower.
 */
export function bestNanos(repetitions: number, run: () => void): number {
  let best = Infinity
  for (let i = 0; i < runs; i++) {
    const start = process.hrtime.bigint()
    run()
    best = Math.min(best, Number(process.hrtime.bigint() - start) / repetitions)
  }
  return best
}
