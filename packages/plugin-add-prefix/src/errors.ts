import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_ADD_PREFIX_UNSAFE_PATH: {
    status: 400,
    source: 'client',
    message: (p: { path: string; prefix: string }) =>
      `path "${p.path}" leads out of the prefix "${p.prefix}"`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What the middleware answers instead of forwarding. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
