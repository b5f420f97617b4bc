import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_CORS_ORIGIN_DENIED: {
    status: 403,
    source: 'client',
    publicMessage: 'Origin not allowed',
    message: (p: { origin: string }) => `origin ${JSON.stringify(p.origin)} is not allowed`,
  },
  GW_CORS_INVALID_PATTERN: {
    status: 500,
    source: 'config',
    message: (p: { pattern: string; problem: string }) => `"${p.pattern}": ${p.problem}`,
  },
  GW_CORS_CREDENTIALS: {
    status: 500,
    source: 'config',
    message: (p: { key: string }) => `allow_credentials does not go with "*" in ${p.key}`,
    hint: 'name what is allowed; browsers refuse "*" for requests with credentials',
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What the middleware answers instead of forwarding, and why options are refused. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
