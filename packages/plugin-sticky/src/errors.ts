import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_STICKY_UNAVAILABLE: {
    status: 503,
    source: 'upstream',
    proxyStatus: 'destination_unavailable',
    publicMessage: 'The server of this session is unavailable',
    message: (p: { service: string; endpoint: string }) =>
      `the client is bound to "${p.endpoint}" of service "${p.service}", which is not available`,
    hint: 'use "on_unhealthy = rebind" to let such clients have another server',
  },
  GW_STICKY_NOTHING_TO_GO_BY: {
    status: 500,
    source: 'config',
    message: () => 'expected either "cookie" or "header"',
  },
  GW_STICKY_UNUSED_KEY: {
    status: 500,
    source: 'config',
    message: (p: { key: string; beside: string }) => `"${p.key}" has no effect with ${p.beside}`,
  },
  GW_STICKY_INSECURE: {
    status: 500,
    source: 'config',
    message: (p: { what: string }) =>
      `${p.what} needs "secure = true", or browsers drop the cookie`,
  },
  GW_STICKY_HOST_PREFIX: {
    status: 500,
    source: 'config',
    message: (p: { name: string }) =>
      `the name "${p.name}" needs the path "/" and no domain, or browsers drop the cookie`,
  },
  GW_STICKY_SEVERAL_PROCESSES: {
    status: 500,
    source: 'config',
    message: (p: { problem: string }) => `the gateway runs in several processes: ${p.problem}`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What is wrong with a block, and what clients get whose server is not available. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
