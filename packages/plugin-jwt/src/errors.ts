import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'
import type { Reason } from './objection.ts'

const catalogue = {
  GW_JWT_MISSING: {
    status: 401,
    source: 'client',
    publicMessage: 'missing_token',
    message: () => 'the request carries no token',
  },
  GW_JWT_INVALID: {
    status: 401,
    source: 'client',
    publicMessage: 'invalid_token',
    message: (p: { reason: Reason }) => `the token is not accepted: ${p.reason}`,
  },
  GW_JWT_FORBIDDEN: {
    status: 403,
    source: 'client',
    publicMessage: 'insufficient_scope',
    message: (p: { reason: Reason }) => `the token is not meant for this: ${p.reason}`,
  },
  GW_JWT_KEYS_UNAVAILABLE: {
    status: 503,
    source: 'upstream',
    publicMessage: 'Service unavailable',
    message: (p: { from: string }) => `no keys could be read from "${p.from}" so far`,
    hint: 'see the warnings of this middleware for the reason',
  },
  GW_JWT_NO_KEYS: {
    status: 500,
    source: 'config',
    message: () => 'there is nothing to verify tokens with',
    hint: 'set value, secrets, public_keys, public_key_files, jwks_url or jwks_file',
  },
  GW_JWT_UNUSABLE_KEY: {
    status: 500,
    source: 'config',
    message: (p: { problem: string }) => p.problem,
  },
  GW_JWT_TWO_PLACES: {
    status: 500,
    source: 'config',
    message: () => 'does not go with sources, which takes its place',
    hint: 'add "header:NAME" to sources',
  },
  GW_JWT_BAD_URL: {
    status: 500,
    source: 'config',
    // Without the URL itself, which may hold a password.
    message: (p: { expected: string }) => `expected ${p.expected}`,
  },
  GW_JWT_UNUSED_ALGORITHMS: {
    status: 500,
    source: 'config',
    message: (p: { algorithms: readonly string[] }) =>
      `no key can be used with ${p.algorithms.join(', ')}`,
  },
  GW_JWT_JWKS_FETCH: {
    status: 503,
    source: 'upstream',
    message: (p: { url: string; problem: string }) =>
      `no key set could be fetched from "${p.url}": ${p.problem}`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What the middleware answers instead of forwarding, and what it refuses to be made of. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
