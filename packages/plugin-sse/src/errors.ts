import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

interface Late {
  readonly endpoint: string
  readonly timeoutMs: number
}

const catalogue = {
  GW_STREAMING_FIRST_BYTE_TIMEOUT: {
    status: 504,
    source: 'upstream',
    proxyStatus: 'http_response_timeout',
    message: (p: Late) => `"${p.endpoint}" began no stream within ${p.timeoutMs} ms of its head`,
  },
  GW_STREAMING_IDLE_TIMEOUT: {
    status: 504,
    source: 'upstream',
    proxyStatus: 'http_response_timeout',
    message: (p: Late) => `"${p.endpoint}" was silent for ${p.timeoutMs} ms in its stream`,
  },
  // Nobody has failed, so it is no warning: a browser comes back at once.
  GW_STREAMING_TOTAL_TIMEOUT: {
    status: 504,
    source: 'client',
    message: (p: Late) =>
      `the stream of "${p.endpoint}" lasted ${p.timeoutMs} ms, as long as it may`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** Why a stream is ended. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
