import type { Attempt, RequestContext } from '@gatewright/kernel'

/** Codes of gRPC for which the server is to blame (OpenTelemetry's conventions for RPC). */
const serverFaults: ReadonlySet<string> = new Set([
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
])

/** How something has ended. */
export interface SpanOutcome {
  readonly failed: boolean
  /** In what way, if something was wrong; that need not be a failure. */
  readonly errorType: string | undefined
}

/**
 * How a request has ended: it has failed if the gateway or the server is to blame.
 * @param code What the response has said in its own language.
 */
export function outcomeOf(
  { status, response, abortedBy }: RequestContext,
  code: string | undefined,
): SpanOutcome {
  const fault = code !== undefined && serverFaults.has(code) ? code : undefined
  const failed = status >= 500 || fault !== undefined
  const error = response?.error ?? abortedBy
  return { failed, errorType: error?.code ?? (failed ? (fault ?? String(status)) : undefined) }
}

/** How a try has ended: it has failed if it was to no avail. */
export function outcomeOfAttempt({ status = 0, error, code }: Attempt): SpanOutcome {
  const fault = code === 'OK' ? undefined : code
  const failed = status >= 400 || error !== undefined || fault !== undefined
  return { failed, errorType: error?.code ?? (failed ? (fault ?? String(status)) : undefined) }
}
