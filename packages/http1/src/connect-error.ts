import { errors, type GatewayError, problemOf } from '@gatewright/kernel'

/** Failures for which the gateway or its machine is to blame, and not the server. */
const ownFailures: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM'])

/** The limit of the process, and that of the machine. */
const noFiles: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE'])

/**
 * What it means that there is no connection to a server: GW_UPSTREAM_CONNECT, or GW_OUT_OF_FILES or
 * GW_INTERNAL if that is not the server's fault, so that nobody takes it for unhealthy. Nothing has
 * been sent.
 * @param endpoint Whose URL it is, for messages.
 */
export function connectError(endpoint: string, error: unknown): GatewayError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const problem = code === '' ? problemOf(error) : code
  if (noFiles.has(code)) {
    const headers = ['retry-after', '1']
    return errors.GW_OUT_OF_FILES({ endpoint, problem }, { cause: error, headers })
  }
  if (!ownFailures.has(code)) {
    return errors.GW_UPSTREAM_CONNECT({ endpoint, problem }, { cause: error })
  }
  const params = { problem: `no connection to "${endpoint}": ${problem}` }
  return errors.GW_INTERNAL(params, { cause: error, retryable: true })
}
