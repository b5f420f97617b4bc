import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'
import type { Unanswered } from './topics.ts'

const catalogue = {
  GW_CLI_NOT_RUNNING: {
    status: 500,
    source: 'config',
    message: (p: { pid: number | undefined; looked: readonly string[] }) =>
      `no running gateway of this user${p.pid === undefined ? '' : ` with process id ${p.pid}`} was found; looked into ` +
      (p.looked.length === 0
        ? 'nothing, since GATEWRIGHT_RUNTIME_DIR is empty'
        : p.looked.join(', ')),
    hint: 'start one, or set GATEWRIGHT_RUNTIME_DIR as it is for the gateway; diff can compare with a file by --from, and explain reads the file without --running',
  },
  GW_CLI_WHICH_GATEWAY: {
    status: 500,
    source: 'config',
    message: (p: { found: readonly string[] }) => `several gateways run: ${p.found.join(', ')}`,
    hint: 'choose one with --pid',
  },
  GW_CLI_NO_ANSWER: {
    status: 500,
    source: 'config',
    message: (p: { pid: number; problem: string }) =>
      `the gateway with process id ${p.pid} does not say what it runs: ${p.problem}`,
    hint: 'try again; if it goes on, look into its log',
  },
  GW_CLI_UNANSWERED: {
    status: 500,
    source: 'config',
    message: (p: Unanswered) => withHint(p),
  },
  GW_QUESTION_REFUSED: {
    status: 400,
    source: 'client',
    message: (p: Unanswered) => withHint(p),
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What can go wrong when a command asks a running gateway. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)

function withHint({ message, hint }: Unanswered): string {
  return hint === undefined ? message : `${message}; ${hint}`
}
