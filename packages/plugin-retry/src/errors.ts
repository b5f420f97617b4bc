import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_RETRY_TIMEOUT: {
    status: 504,
    source: 'upstream',
    proxyStatus: 'http_response_timeout',
    publicMessage: 'Upstream timeout',
    message: (p: { tries: number; timeoutMs: number }) =>
      `no response within ${p.timeoutMs} ms, in which ${p.tries} tries began`,
    hint: 'raise overall_timeout, or lower the timeouts of the service',
  },
  GW_RETRY_UNREACHABLE: {
    status: 503,
    source: 'upstream',
    proxyStatus: 'destination_unavailable',
    publicMessage: 'No healthy backends',
    message: (p: { tries: number; problem: string }) =>
      `no server could be reached in ${p.tries} ${p.tries === 1 ? 'try' : 'tries'}: ${p.problem}`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What the middleware answers by itself. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
