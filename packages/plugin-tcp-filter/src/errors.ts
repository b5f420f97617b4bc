import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_TCP_FILTER_FULL: {
    status: 503,
    source: 'gateway',
    publicMessage: 'Too many connections',
    message: (p: { limit: number }) => `the entrypoint has ${p.limit} connections already`,
  },
  GW_TCP_FILTER_CLIENT_FULL: {
    status: 503,
    source: 'client',
    publicMessage: 'Too many connections',
    message: (p: { limit: number }) => `the client has ${p.limit} connections already`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** Why a connection is refused. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
