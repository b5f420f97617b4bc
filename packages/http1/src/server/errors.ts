import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_HTTP1_HEADER_TIMEOUT: {
    status: 408,
    source: 'client',
    message: (p: { timeoutMs: number }) =>
      `the request head was not complete within ${p.timeoutMs} ms`,
  },
  GW_HTTP1_BODY_TIMEOUT: {
    status: 408,
    source: 'client',
    message: (p: { timeoutMs: number }) => `the request body stopped for ${p.timeoutMs} ms`,
  },
  GW_HTTP1_UPLOAD_TOO_SLOW: {
    status: 408,
    source: 'client',
    message: (p: { bytesPerSecond: number }) =>
      `the request body came more slowly than ${p.bytesPerSecond} bytes per second`,
  },
  GW_HTTP1_UNEXPECTED_HTTP2: {
    status: 505,
    source: 'client',
    message: () => 'the client speaks HTTP/2, which this entrypoint does not',
  },
  GW_HTTP1_UNSENDABLE_STATUS: {
    status: 502,
    source: 'gateway',
    message: (p: { status: number }) =>
      `a response has status ${p.status}; expected a whole number from 200 to 599`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What a client does wrong over time, and responses that cannot be sent. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
