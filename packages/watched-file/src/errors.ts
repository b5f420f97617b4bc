import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_WATCHED_FILE_UNREADABLE: {
    status: 500,
    source: 'config',
    message: (p: { path: string; problem: string }) => `cannot read "${p.path}": ${p.problem}`,
    hint: 'a relative path begins at the folder of the configuration file',
  },
  GW_WATCHED_FILE_INVALID: {
    status: 500,
    source: 'config',
    message: (p: { path: string; problem: string }) => `"${p.path}" is not usable: ${p.problem}`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What is wrong with a file. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
