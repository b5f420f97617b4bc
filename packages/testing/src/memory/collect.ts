import { type Awaitable, type BodySource, type HeaderList, isThenable } from '@gatewright/kernel'

/**
 * Reads a body to its end, piece by piece; the result is its trailers. Rejects if it fails.
 * @param take The next piece is not asked for before this is done.
 */
export function collect(
  source: BodySource,
  take: (bytes: Buffer) => Awaitable<void>,
): Promise<HeaderList | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<HeaderList | undefined>()
  let last: Awaitable<void>
  source.start({
    write: (bytes, start, end) => {
      // The bytes are valid during this call only.
      const taken = take(Buffer.from(bytes.subarray(start, end)))
      if (!isThenable(taken)) return true
      last = taken
      taken.then(() => source.resume(), reject)
      return false
    },
    // Which may come while the last piece is being taken.
    end: (trailers) => void Promise.resolve(last).then(() => resolve(trailers), reject),
    fail: reject,
  })
  return promise
}
