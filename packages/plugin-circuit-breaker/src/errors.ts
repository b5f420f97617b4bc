import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_CIRCUIT_OPEN: {
    status: 503,
    source: 'upstream',
    proxyStatus: 'destination_unavailable',
    publicMessage: 'Service unavailable (circuit breaker open)',
    message: (p: { what: string; restMs: number }) =>
      `${p.what} failed too often; the circuit is open for ${p.restMs} ms more`,
  },
  GW_CIRCUIT_BAD_STATUSES: {
    status: 500,
    source: 'config',
    message: (p: { range: string }) => `"${p.range}" ends before it begins`,
  },
  GW_CIRCUIT_NO_THRESHOLD: {
    status: 500,
    source: 'config',
    message: () => 'slow_ratio needs latency_threshold_ms, which says what is slow',
  },
  GW_CIRCUIT_BAD_FALLBACK: {
    status: 500,
    source: 'config',
    message: (p: { status: number }) => `a response of status ${p.status} has no fallback_body`,
  },
  GW_CIRCUIT_UNUSED: {
    status: 500,
    source: 'config',
    message: (p: { problem: string }) => p.problem,
  },
  GW_CIRCUIT_BAD_COOLDOWN: {
    status: 500,
    source: 'config',
    message: () => 'max_cooldown_secs is less than cooldown_secs',
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What the middleware answers while a circuit is open, and what may be wrong with a block. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
