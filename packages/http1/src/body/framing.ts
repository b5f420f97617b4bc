/**
 * How a message body is framed (RFC 9112 section 6.3).
 *
 * @module
 */
import type { Head } from '../head/head.ts'
import { Method } from '../syntax/methods.ts'

/** Framings that are no length. All are negative. */
export const Framing = {
  chunked: -1,
  /** The end of the connection ends the body. Responses only. */
  untilClose: -2,
  /** There is no body, and the head has nothing to say about one. */
  none: -3,
  /** There is no body, though the head may describe one: answers to HEAD, and 304. */
  omitted: -4,
} as const

/** Bytes of the body if 0 or above, else one of {@link Framing}. */
export type BodyFraming = number

/** Framing of a request that was received. */
export function requestFraming(head: Head): BodyFraming {
  if (head.chunked) return Framing.chunked
  return head.contentLength >= 0 ? head.contentLength : Framing.none
}

/**
 * Framing of a response that was received.
 *
 * @param method Number of the method that it answers. After a 2xx to CONNECT, and after 101, what
 * follows is no body but the tunnel.
 */
export function responseFraming(head: Head, method: number): BodyFraming {
  const { status } = head
  if (status < 200 || status === 204) return Framing.none
  if (method === Method.connect && status < 300) return Framing.none
  if (method === Method.head || status === 304) return Framing.omitted
  if (head.chunked) return Framing.chunked
  return head.contentLength >= 0 ? head.contentLength : Framing.untilClose
}
