import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_TCP_SERVER: {
    status: 500,
    source: 'config',
    message: (p: { url: string; problem: string }) =>
      `"${p.url}" ${p.problem}; expected "tcp://host:port" or "tls://host:port"`,
  },
  GW_TCP_TLS_UNUSED: {
    status: 500,
    source: 'config',
    message: (p: { url: string }) =>
      `"${p.url}" is not reached over TLS; expected "tls://" beside upstream_tls`,
    hint: 'write "tls://host:port" for servers that speak TLS, or leave the block out',
  },
  GW_TCP_PROXY_HEADER: {
    status: 400,
    source: 'client',
    message: (p: { problem: string }) => `no valid PROXY header: ${p.problem}`,
    hint: 'have the proxy send one, or take its address out of proxy_protocol',
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** The errors of TCP entrypoints and services. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
