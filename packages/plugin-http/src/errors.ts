import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_HTTP_CONNECT_REFUSED: {
    status: 405,
    source: 'client',
    message: () => 'the method CONNECT is not allowed here',
  },
} as const satisfies Record<`GW_${string}`, ErrorKind<never>>

/** The errors of HTTP entrypoints. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
