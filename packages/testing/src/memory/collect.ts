import type { BodySource, HeaderList } from '@gatewright/kernel'

/** Reads a body to its end, piece by piece; the result is its trailers. Rejects if it fails. */
export function collect(
  source: BodySource,
  take: (bytes: Buffer) => void,
): Promise<HeaderList | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<HeaderList | undefined>()
  source.start({
    write: (bytes, start, end) => {
      // The bytes are valid during this call only.
      take(Buffer.from(bytes.subarray(start, end)))
      return true
    },
    end: resolve,
    fail: reject,
  })
  return promise
}
