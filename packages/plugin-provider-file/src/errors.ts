import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_FILE_DIRECTORY: {
    status: 500,
    source: 'config',
    message: (p: { directory: string; problem: string }) =>
      `the folder "${p.directory}" cannot be read: ${p.problem}`,
    hint: 'what was read from it before stays in force; a folder may be empty',
  },
  GW_FILE_FRAGMENT: {
    status: 500,
    source: 'config',
    message: (p: { problem: string }) => p.problem,
    hint: 'correct the file, or take it out of the folder',
  },
  GW_FILE_EMPTY: {
    status: 500,
    source: 'config',
    message: () => 'the file is empty, which it was not before',
    hint: 'remove the file to take away what it had; a comment in it is enough, too',
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What is wrong with a folder of configuration, or with a file that is no text in it. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)

/** Says why a file or folder cannot be read; Node's own messages repeat the path. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return reasons[code] ?? (error instanceof Error ? error.message : String(error))
}

/** True if there is nothing at a path. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'it is no folder',
  EISDIR: 'it is a folder',
  EACCES: 'reading it is not permitted',
  ELOOP: 'its links lead in a circle',
}
