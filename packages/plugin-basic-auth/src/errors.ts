import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_BASIC_AUTH_MISSING: {
    status: 401,
    source: 'client',
    message: () => 'the request has no basic credentials',
    publicMessage: 'Missing Authorization header',
  },
  GW_BASIC_AUTH_INVALID: {
    status: 401,
    source: 'client',
    message: () => 'name or password is wrong',
    publicMessage: 'Invalid credentials',
  },
  GW_BASIC_AUTH_THROTTLED: {
    status: 429,
    source: 'client',
    message: () => 'too many wrong passwords came from this address',
  },
  // Only a flood of logins brings it about, which must not flood the log as well.
  GW_BASIC_AUTH_BUSY: {
    status: 503,
    source: 'client',
    atCapacity: true,
    message: () => 'too many passwords wait to be verified',
    hint: 'someone may be guessing passwords; "cost" of the hashes may be higher than needed',
  },
  GW_BASIC_AUTH_VERIFIER: {
    status: 500,
    source: 'gateway',
    message: (p: { problem: string }) => `a password could not be verified: ${p.problem}`,
  },
  GW_BASIC_AUTH_OPTIONS: {
    status: 500,
    source: 'config',
    message: (p: { problem: string }) => p.problem,
  },
  GW_BASIC_AUTH_NO_USERS: {
    status: 500,
    source: 'config',
    message: () => 'there is no user at all',
    hint: 'set users, users_file, or username and password; a file needs a line "name:hash"',
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What the middleware answers instead of forwarding, and what is wrong with a block. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
