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
  GW_TCP_FILTER_RATE: {
    status: 503,
    source: 'gateway',
    publicMessage: 'Too many connections',
    message: (p: { limit: number }) => `the entrypoint lets in ${p.limit} connections a second`,
  },
  GW_TCP_FILTER_DENIED: {
    status: 403,
    source: 'client',
    publicMessage: 'Forbidden',
    message: () => 'the address is denied',
  },
  GW_TCP_FILTER_BAD_NETWORK: {
    status: 500,
    source: 'config',
    message: (p: { text: string }) =>
      `expected an address, a network such as 10.0.0.0/8 or a range, found "${p.text}"`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** Why a connection is refused. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
