const firstMs = 1000
const longestMs = 30_000

/** How long to wait before a batch is sent once more, in milliseconds. */
export type PauseBefore = (tries: number, afterMs: number | undefined) => number

/**
 * As long as the collector asks for, within bounds; else twice as long each time. Not quite, so that
 * several processes do not all come back at once.
 * @param tries Those that there have been.
 */
export const pauseBefore: PauseBefore = (tries, afterMs) => {
  if (afterMs !== undefined) return Math.min(afterMs, longestMs)
  const jitter = 0.8 + Math.random() * 0.4
  return Math.min(firstMs * 2 ** (tries - 1), longestMs) * jitter
}
