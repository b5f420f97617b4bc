/**
 * What becomes of a request body that nobody reads to its end.
 *
 * @module
 */
import type { Head } from '../head/head.ts'
import type { ReceivedBody } from '../received-body.ts'

/** An unread body of at most this size is read to its end, so that the connection can go on. */
export const maxDrainedBytes: number = 256 * 1024

/** False if what follows the request will not be found at a reasonable price. */
export function isFollowable(body: ReceivedBody | undefined, head: Head): boolean {
  return body === undefined || body.done || body.started || isWorthDraining(body, head)
}

/** Whether the rest of the body is worth being read and thrown away. */
export function isWorthDraining(body: ReceivedBody | undefined, head: Head): boolean {
  if (body === undefined || body.remaining === 0) return true
  // A client that waits for a 100 may send its body or leave it out.
  if (head.expectsContinue && !body.started && !body.arrived) return false
  return (body.remaining ?? 0) <= maxDrainedBytes
}
