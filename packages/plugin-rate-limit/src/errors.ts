import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_RATE_LIMIT_EXCEEDED: {
    status: 429,
    source: 'client',
    publicMessage: 'Rate limit exceeded',
    message: (p: { name: string }) => `more requests than the rate limit "${p.name}" allows`,
  },
  GW_RATE_LIMIT_BURST: {
    status: 500,
    source: 'config',
    message: (p: { algorithm: string }) =>
      `belongs to the algorithm "token-bucket", found "${p.algorithm}"`,
  },
  GW_RATE_LIMIT_PERIOD: {
    status: 500,
    source: 'config',
    message: () => 'does not go with the algorithm "concurrency"',
  },
  GW_RATE_LIMIT_COST: {
    status: 500,
    source: 'config',
    message: (p: { problem: string }) => p.problem,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What the middleware answers instead of forwarding, and what its options may not be. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
