import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const publicMessage = 'Invalid or missing API key'

const catalogue = {
  GW_API_KEY_MISSING: {
    status: 401,
    source: 'client',
    message: () => 'the request carries no API key',
    publicMessage,
  },
  GW_API_KEY_INVALID: {
    status: 401,
    source: 'client',
    message: () => 'the API key is not known',
    publicMessage,
  },
  GW_API_KEY_AMBIGUOUS: {
    status: 400,
    source: 'client',
    message: () => 'the request carries several API keys',
  },
  GW_API_KEY_OPTIONS: {
    status: 500,
    source: 'config',
    message: (p: { problem: string }) => p.problem,
  },
  GW_API_KEY_NO_KEYS: {
    status: 500,
    source: 'config',
    message: () => 'there is no key at all',
    hint: 'set keys, consumers or keys_file; a file needs a line with a key',
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What the middleware answers instead of forwarding, and what is wrong with a block. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
