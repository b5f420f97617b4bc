import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_STRIP_PREFIX_UNSAFE_PATH: {
    status: 400,
    source: 'client',
    message: (p: { path: string; prefix: string }) =>
      `path "${p.path}" escapes the prefix "${p.prefix}" once it is removed`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What the middleware answers instead of forwarding. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
