import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_REDIRECT_NO_HOST: {
    status: 400,
    source: 'client',
    message: () => 'the request does not say which host it is for',
  },
  GW_REDIRECT_STATUS: {
    status: 500,
    source: 'config',
    message: (p: { status: number }) => `expected 301, 302, 303, 307 or 308, found ${p.status}`,
  },
  GW_REDIRECT_NOWHERE: {
    status: 500,
    source: 'config',
    message: () => 'it leads to where it comes from',
    hint: 'set scheme, host, port or path',
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What the middleware answers instead of a redirect, and what it refuses to be made of. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
