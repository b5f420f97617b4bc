import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_SCALING_NO_LIMIT: {
    status: 500,
    source: 'config',
    message: () => '"queue_timeout" without "container_concurrency": nobody would ever wait',
    hint: 'say how many requests a server works on at once, or leave "queue_timeout" out',
  },
  GW_SCALING_AT_CAPACITY: {
    status: 503,
    source: 'gateway',
    atCapacity: true,
    proxyStatus: 'destination_unavailable',
    publicMessage: 'Backends at capacity',
    message: (p: { service: string; problem: string }) =>
      `every server of service "${p.service}" is busy: ${p.problem}`,
    hint: 'add servers, or raise "container_concurrency", "queue_size" or "queue_timeout"',
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What is wrong with a block, and what clients get while all servers are busy. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
