import { errors, type GatewayError, problemOf } from '@gatewright/kernel'

/** Failures for which the gateway or its machine is to blame, and not the server. */
const ownFailures: ReadonlySet<string> = new Set([
  'EADDRNOTAVAIL',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
])

/**
 * What it means that there is no connection to a server: GW_UPSTREAM_CONNECT, or GW_INTERNAL if
 * that is not the server's fault, so that nobody takes it for unhealthy. Nothing has been sent.
 * @param endpoint Whose URL it is, for messages.
 */
export function connectError(endpoint: string, error: unknown): GatewayError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const problem = code === '' ? problemOf(error) : code
  if (!ownFailures.has(code)) {
    return errors.GW_UPSTREAM_CONNECT({ endpoint, problem }, { cause: error })
  }
  const params = { problem: `no connection to "${endpoint}": ${problem}` }
  return errors.GW_INTERNAL(params, { cause: error, retryable: true })
}
