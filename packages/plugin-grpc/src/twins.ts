/**
 * What a failure in the words of HTTP is in those of gRPC.
 *
 * @module
 */
import type { GatewayError } from '@gatewright/kernel'
import { Code } from './status.ts'

/** Answers that are no answers of gRPC, whoever gave them. */
const ofStatus: Readonly<Record<number, number>> = {
  400: Code.internal,
  401: Code.unauthenticated,
  403: Code.permissionDenied,
  404: Code.unimplemented,
  429: Code.unavailable,
  502: Code.unavailable,
  503: Code.unavailable,
  504: Code.unavailable,
}

/** What the gateway says itself, of which more is known. */
const ofGateway: Readonly<Record<number, number>> = {
  ...ofStatus,
  408: Code.deadlineExceeded,
  413: Code.resourceExhausted,
  429: Code.resourceExhausted,
  431: Code.resourceExhausted,
  499: Code.cancelled,
  500: Code.internal,
  504: Code.deadlineExceeded,
}

/** Error types of RFC 9209 section 2.3 that say more than the status does. */
const ofType: Readonly<Record<string, number>> = {
  proxy_internal_error: Code.internal,
}

/**
 * Ways in which an upstream gives up a stream (RFC 9113 section 7): the others mean that something
 * is wrong with it.
 */
const ofReset: Readonly<Record<number, number>> = {
  7: Code.unavailable,
  8: Code.cancelled,
  11: Code.resourceExhausted,
  12: Code.permissionDenied,
}

/** The code for an answer that is not one of gRPC, such as the HTML page of another proxy. */
export function codeOfStatus(status: number): number {
  return ofStatus[status] ?? Code.unknown
}

/** The code for a failure that the gateway answers. */
export function codeOfError({ status, kind }: GatewayError): number {
  if (kind.atCapacity === true) return Code.resourceExhausted
  return ofType[kind.proxyStatus ?? ''] ?? ofGateway[status] ?? Code.unknown
}

/** The code for a stream that the upstream reset with that HTTP/2 error code. */
export function codeOfReset(http2Code: number): number {
  return ofReset[http2Code] ?? Code.internal
}
