import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_UDP_SERVER: {
    status: 500,
    source: 'config',
    message: (p: { url: string; problem: string }) =>
      `"${p.url}" ${p.problem}; expected "udp://host:port"`,
  },
  GW_UDP_MIXED: {
    status: 500,
    source: 'config',
    message: (p: { endpoint: string }) =>
      `"${p.endpoint}" cannot be reached from this entrypoint; UDP leads to udp:// servers only, and only UDP does`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** The errors of UDP entrypoints and services. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
