import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_ROUTER_MALFORMED_PATH: {
    status: 400,
    source: 'client',
    publicMessage: 'Malformed path',
    message: (p: { character: number }) =>
      `the path has a malformed percent-escape at character ${p.character}`,
  },
  GW_ROUTER_UNSAFE_PATH: {
    status: 400,
    source: 'client',
    publicMessage: 'Unsafe path',
    message: (p: { found: string }) => `the path has ${p.found}`,
  },
  GW_ROUTER_INPUT_TOO_LONG: {
    status: 400,
    source: 'client',
    publicMessage: 'Request value too long',
    message: (p: { length: number; limit: number }) =>
      `a value that a rule matches with a pattern is ${p.length} bytes long; expected at most ${p.limit}`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** Why a request is refused before any rule could match it. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
