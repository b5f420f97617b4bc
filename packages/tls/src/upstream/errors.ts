import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

interface Failure {
  readonly endpoint: string
  readonly problem: string
}

const failed = {
  status: 502,
  source: 'upstream',
  retryable: true,
  publicMessage: 'Bad gateway',
  message: ({ endpoint, problem }: Failure) => `TLS with "${endpoint}" failed: ${problem}`,
} as const

const catalogue = {
  GW_UPSTREAM_TLS: { ...failed, proxyStatus: 'tls_protocol_error' },
  GW_UPSTREAM_TLS_CERTIFICATE: { ...failed, proxyStatus: 'tls_certificate_error' },
  GW_UPSTREAM_TLS_ALERT: { ...failed, proxyStatus: 'tls_alert_received' },
} as const satisfies Record<`GW_${string}`, ErrorKind<never>>

/** Why there is no encrypted connection to a server. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
