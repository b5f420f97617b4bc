import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_FORWARD_AUTH_UNAVAILABLE: {
    status: 502,
    source: 'upstream',
    publicMessage: 'Auth service unavailable',
    message: (p: { url: string; problem: string }) => `"${p.url}" did not decide: ${p.problem}`,
  },
  GW_FORWARD_AUTH_URL: {
    status: 500,
    source: 'config',
    // Without the URL itself, which may hold a password.
    message: () => 'expected a URL without user and password',
    hint: 'the question carries the credentials of the client, in the field Authorization',
  },
  GW_FORWARD_AUTH_BAD_URL: {
    status: 500,
    source: 'config',
    message: () => 'expected a URL with a host, and with a port up to 65535 if any',
  },
  GW_FORWARD_AUTH_TLS: {
    status: 500,
    source: 'config',
    message: () =>
      'the auth server is not reached over TLS; expected "https://" in forward_auth_url',
  },
  GW_FORWARD_AUTH_CACHE: {
    status: 500,
    source: 'config',
    message: () => 'does not go with forward_body: bodies are not compared',
  },
  GW_FORWARD_AUTH_PATTERN: {
    status: 500,
    source: 'config',
    message: (p: { pattern: string; problem: string }) => `"${p.pattern}": ${p.problem}`,
  },
  GW_FORWARD_AUTH_BAD_FIELD: {
    status: 500,
    source: 'config',
    message: (p: { name: string }) =>
      `the field "${p.name}" belongs to the message, not to the client`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What the middleware answers when nobody has decided, and what it refuses to be made of. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
