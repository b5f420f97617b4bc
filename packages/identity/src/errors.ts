import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_IDENTITY_FIELD: {
    status: 500,
    source: 'config',
    message: (p: { name: string }) =>
      `expected a field that says who the client is, found "${p.name}", which frames or addresses the message`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** Why a field cannot tell who a client is. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
