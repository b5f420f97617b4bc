/**
 * The outcome of `pending`, or a rejection with `makeError()` if that takes longer than `ms`
 * milliseconds. What comes later is ignored.
 */
export async function inTime<T>(
  pending: PromiseLike<T>,
  ms: number,
  makeError: () => Error,
): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(makeError()), ms)
  try {
    return await Promise.race([pending, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
