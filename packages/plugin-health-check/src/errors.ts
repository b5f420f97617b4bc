import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_HEALTH_CHECK_NO_PATH: {
    status: 500,
    source: 'config',
    message: () => '"path" is missing: what should servers be asked for?',
    hint: 'add path = "/healthz", or mode = "tcp" to see only whether they accept connections',
  },
  GW_HEALTH_CHECK_NOT_HTTP: {
    status: 500,
    source: 'config',
    message: (p: { url: string }) => `server "${p.url}" cannot be asked over HTTP`,
    hint: 'write mode = "tcp", or scheme and port if it answers HTTP as well',
  },
  GW_HEALTH_CHECK_BAD_STATUS: {
    status: 500,
    source: 'config',
    message: (p: { range: string }) => `range "${p.range}" of statuses ends before it begins`,
  },
  GW_HEALTH_CHECK_BAD_HEADER: {
    status: 500,
    source: 'config',
    message: (p: { name: string }) => `header field ${JSON.stringify(p.name)} cannot be sent`,
    hint: 'take a valid name and value; "host" has a key of its own',
  },
  GW_HEALTH_CHECK_UNUSED: {
    status: 500,
    source: 'config',
    message: (p: { key: string; beside: string }) => `"${p.key}" has no effect with ${p.beside}`,
    hint: 'leave one of them out',
  },
  GW_PASSIVE_HEALTH_BAD_RECOVERY: {
    status: 500,
    source: 'config',
    message: (p: { recoveryMs: number }) =>
      `"max_recovery" is shorter than "recovery", which is ${p.recoveryMs} ms`,
    hint: 'raise max_recovery, or lower recovery',
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What is wrong with a block. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
