import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_BODY_LIMIT_EXCEEDED: {
    status: 413,
    source: 'client',
    publicMessage: 'Request body too large',
    message: (p: { limit: number }) => `the body is larger than ${p.limit} bytes`,
  },
  GW_BODY_LIMIT_HEADER_EXCEEDED: {
    status: 431,
    source: 'client',
    publicMessage: 'Request header too large',
    message: (p: { limit: number }) => `the header fields are larger than ${p.limit} bytes`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What the middleware answers instead of forwarding. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
