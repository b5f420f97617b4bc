import { defineErrors, type ErrorCatalogue, type ErrorKind, GatewayError } from '@gatewright/kernel'
import type { Diagnostic } from './report/diagnostic.ts'

const catalogue = {
  GW_CONFIG_FILE: {
    status: 500,
    source: 'config',
    message: (p: { file: string; problem: string }) =>
      `configuration file "${p.file}" cannot be read: ${p.problem}`,
  },
  GW_CONFIG_PARSER: {
    status: 500,
    source: 'gateway',
    message: (p: { problem: string }) => `the HCL parser failed: ${p.problem}`,
    hint: 'try again; if it happens again, please report the file that causes it',
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What goes wrong around a text. What is wrong in it is an {@link HclSyntaxError}. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)

const invalid: ErrorKind<readonly Diagnostic[]> = {
  status: 500,
  source: 'config',
  message: (problems) => {
    const first = problems[0]
    if (first === undefined) return 'the configuration is invalid'
    const where = `${first.file}:${first.line}:${first.column}: ${first.message}`
    return problems.length === 1 ? where : `${problems.length} problems; the first: ${where}`
  },
}

/** A text that is no configuration: every problem at once, in the order of the text. */
export class HclSyntaxError extends GatewayError {
  declare readonly problems: readonly Diagnostic[]

  constructor(problems: readonly Diagnostic[]) {
    super('GW_CONFIG_INVALID', invalid, invalid.message(problems), { problems })
  }
}
