import { errors, type GatewayError } from '@gatewright/kernel'
import type { StreamFailure } from './engine.ts'

/** Error codes of HTTP/2 (RFC 9113 section 7), by number. */
const names = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const

/** Those that say that the other side did something which is not allowed. */
const protocolCodes: ReadonlySet<number> = new Set([1, 3, 4, 5, 6, 9])

/** Why a stream ended, as the cause of an error. */
class StreamError extends Error {
  override readonly name = 'Http2StreamError'
  readonly http2Code: number

  constructor(http2Code: number) {
    super(`the stream ended with ${nameOf(http2Code)}`)
    this.http2Code = http2Code
  }
}

/** What it means for an attempt that its stream failed. */
export function streamError(endpoint: string, failure: StreamFailure): GatewayError {
  const { code, unprocessed, malformed, problem } = failure
  const cause = code === undefined ? undefined : causeOf(code)
  const params = { endpoint, problem }
  if (malformed || (code !== undefined && protocolCodes.has(code) && !unprocessed)) {
    return errors.GW_UPSTREAM_PROTOCOL(params, { cause })
  }
  return errors.GW_UPSTREAM_RESET(params, { cause, retryable: unprocessed })
}

/** Where it was made says nothing, and to find that out takes long. */
function causeOf(code: number): StreamError {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  const cause = new StreamError(code)
  Error.stackTraceLimit = limit
  return cause
}

/**
 * The HTTP/2 error code with which a server ended the stream of an attempt (RFC 9113 section 7), for
 * protocols that pass it on in words of their own. `undefined` for any other failure.
 */
export function http2CodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined
  const { cause } = error
  return cause instanceof StreamError ? cause.http2Code : undefined
}

/** The name of an error code, for messages. */
export function nameOf(code: number): string {
  return names[code] ?? `error ${code}`
}
