import type { GatewayResponse, HeaderList } from '@gatewright/kernel'
import { type BodyFraming, Framing } from '../body/framing.ts'
import { Head } from '../head/head.ts'
import { Method } from '../syntax/methods.ts'
import { WireHeaders } from '../wire-headers.ts'

/** How a response to the request of `head` is framed (RFC 9112 section 6.3). */
export function framingFor(response: GatewayResponse, head: Head): BodyFraming {
  const { status, hasBody } = response
  if (status === 204) return Framing.none
  const length = response.bodyLength
  if (isBodiless(response, head)) {
    // The length of a body of ours, or what the upstream said of the one that it left out.
    return hasBody && length !== undefined ? length : Framing.omitted
  }
  if (length !== undefined) return length
  // HTTP/1.0 knows no chunks.
  return head.minor === 0 ? Framing.untilClose : Framing.chunked
}

/** Whether a response to the request of `head` is sent without a body, whatever it has. */
export function isBodiless({ status }: GatewayResponse, head: Head): boolean {
  return head.method === Method.head || status === 204 || status === 304
}

/** The head that an upstream sent, if the response still has its fields. */
export function receivedHeadOf({ headers }: GatewayResponse): Head | undefined {
  if (!(headers instanceof WireHeaders)) return undefined
  const { section } = headers
  // A response may have been given the fields of a request, whose head belongs to somebody else.
  return section instanceof Head && section.status !== 0 ? section : undefined
}

/** The fields of a response without those that its Connection field names. */
export function fieldsToSend({ headers }: GatewayResponse): HeaderList {
  // Of received ones the composer takes care.
  if (headers instanceof WireHeaders || !headers.has('connection')) return headers
  const sent = headers.clone()
  for (const name of headers.getAll('connection').join().split(',')) {
    sent.delete(name.trim().toLowerCase())
  }
  return sent
}
