import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_RATE_LIMIT_REDIS_EXCEEDED: {
    status: 429,
    source: 'client',
    publicMessage: 'Rate limit exceeded (distributed)',
    message: (p: { name: string }) => `more requests than the rate limit "${p.name}" allows`,
  },
  GW_RATE_LIMIT_REDIS_UNAVAILABLE: {
    status: 503,
    source: 'gateway',
    message: (p: { name: string }) => `the rate limit "${p.name}" cannot ask Redis`,
    hint: 'look at Redis and at "redis_url", or choose another "on_failure"',
  },
  GW_RATE_LIMIT_REDIS_URL: {
    status: 500,
    source: 'config',
    // Without the URL itself, which may hold a password.
    message: (p: { problem: string }) => `this URL cannot be used: ${p.problem}`,
    hint: 'write "redis://user:password@host:6379/0" or "unix:///path/of/redis.sock?db=0"',
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What the middleware answers instead of forwarding, and what its options may not be. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
