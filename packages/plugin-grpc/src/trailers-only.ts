/**
 * Responses that say how a call ended and nothing else, in place of others.
 *
 * @module
 */
import { STATUS_CODES } from 'node:http'
import { type GatewayError, type GatewayResponse, isGatewayError } from '@gatewright/kernel'
import { http2CodeOf } from '@gatewright/plugin-http'
import { encodeMessage } from './message.ts'
import { Code, type GrpcStatus, nameOfCode } from './status.ts'
import { codeOfError, codeOfReset, codeOfStatus } from './twins.ts'

/** Fields about a body that is not sent. */
const bodyFields = /^(?:content-.*|transfer-encoding|trailer|etag|last-modified|accept-ranges|age)$/

/** A status as it is told. */
export function statusOf(code: number, message: string): GrpcStatus {
  return { code, name: nameOfCode(code), message }
}

/** What a response that is not of gRPC means for a call. */
export function statusOfResponse({ error, status, headers }: GatewayResponse): GrpcStatus {
  if (error !== undefined) return statusOfError(error)
  const reason = STATUS_CODES[status]
  const title = reason === undefined ? '' : ` ${reason}`
  const type = headers.get('content-type')
  const about = type === undefined ? '' : `, ${type}`
  return statusOf(codeOfStatus(status), `not an answer of gRPC: ${status}${title}${about}`)
}

/** What went wrong, as clients may know it. */
export function statusOfError(error: unknown): GrpcStatus {
  if (!isGatewayError(error)) return statusOf(Code.unavailable, '')
  const resetCode = http2CodeOf(error)
  const code = resetCode === undefined ? codeOfError(error) : codeOfReset(resetCode)
  return statusOf(code, publicTextOf(error))
}

function publicTextOf({ kind, source, status, message }: GatewayError): string {
  const detail = source === 'client' ? message : undefined
  return kind.publicMessage ?? detail ?? STATUS_CODES[status] ?? ''
}

/** Takes everything away from a response that is not the head of a failed call. */
export function makeTrailersOnly(
  response: GatewayResponse,
  { code, message }: GrpcStatus,
  contentType: string,
): void {
  const { headers } = response
  response.body = null
  response.status = 200
  const about = [...headers].map(([name]) => name).filter((name) => bodyFields.test(name))
  for (const name of new Set(about)) headers.delete(name)
  headers.set('content-type', contentType)
  headers.set('grpc-status', String(code))
  headers.delete('grpc-message')
  if (message !== '') headers.set('grpc-message', encodeMessage(message))
}
