/**
 * Which HTTP/2 error code an upstream gave a stream up with (RFC 9113 section 7).
 *
 * @module
 */

/** How far down the causes of an error are looked at. */
const maxDepth = 4

/** The code that the upstream reset the stream with; `undefined` if that is not what happened. */
export function tryResetCode(error: unknown): number | undefined {
  let current = error
  for (let depth = 0; depth < maxDepth && current instanceof Error; depth++) {
    if ('http2Code' in current && typeof current.http2Code === 'number') return current.http2Code
    current = current.cause
  }
  return undefined
}
