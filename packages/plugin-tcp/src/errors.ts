import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_TCP_SERVER: {
    status: 500,
    source: 'config',
    message: (p: { url: string; problem: string }) =>
      `"${p.url}" ${p.problem}; expected "tcp://host:port"`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** The errors of TCP entrypoints and services. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
