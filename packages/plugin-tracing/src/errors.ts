import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_TRACING_ENDPOINT: {
    status: 500,
    source: 'config',
    // The URL may have a password.
    message: () => 'no collector can be at this URL',
    hint: 'it looks like "http://127.0.0.1:4318"',
  },
  GW_TRACING_HEADER: {
    status: 500,
    source: 'config',
    message: (p: { name: string }) =>
      `"${p.name}" is no name of a header field, or has a value that none may have`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What is wrong with a block. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
