import { readFileSync } from 'node:fs'
import {
  type Diagnostic,
  diagnose,
  diagnosticsToJson,
  type HclDocument,
  HclSyntaxError,
  type Located,
  renderDiagnostics,
} from '@gatewright/config-hcl'
import { asGatewayError, type ConfigProblem, type GatewayError } from '@gatewright/kernel'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { hasColors, type Output, paint } from './output.ts'

/** Why a command did not do what it was asked to. */
export interface Failure {
  readonly exitCode: ExitCode
  readonly code: string
  /** One line. */
  readonly title: string
  readonly hint?: string
  /** What is wrong with the configuration, in the order of the file. */
  readonly diagnostics: readonly Diagnostic[]
}

const otherAddress =
  'choose another address: --listen <addr> for the entrypoint "web", its "address" for any other'

const listenHints: Readonly<Record<string, string>> = {
  GW_ADDRESS_IN_USE: `stop the other program, or ${otherAddress}`,
  GW_LISTEN_FAILED: otherAddress,
}

/** Describes what was thrown. The document, if it got that far, gives problems their place. */
export function failureOf(error: unknown, document?: HclDocument): Failure {
  if (error instanceof HclSyntaxError) return syntaxFailure(error)
  const known = asGatewayError(error)
  if (known.problems.length > 0) return invalid(known.problems, document)
  const { code, message } = known
  const listenHint = listenHints[code]
  const hint = listenHint ?? known.hint
  return {
    exitCode: listenHint === undefined ? exitCodes.failed : exitCodes.listen,
    code,
    title: isMissingFile(known) ? `Config file not found: ${known.cause.path}` : message,
    ...(hint !== undefined && { hint }),
    diagnostics: [],
  }
}

/** Describes what is wrong with a configuration that was understood. */
export function invalid(problems: readonly ConfigProblem[], document?: HclDocument): Failure {
  const diagnostics = diagnose(document ?? nowhere, problems)
  return {
    exitCode: exitCodes.failed,
    code: 'GW_CONFIG_INVALID',
    title: `Validation error: ${count(diagnostics)}`,
    diagnostics,
  }
}

/** As people want to read it, with the lines of the file if they sit at a terminal. */
export function renderFailure(failure: Failure, { stderr }: Output): string {
  const { title, hint, diagnostics } = failure
  const frames = stderr.isTTY === true
  const color = hasColors(stderr)
  const lines = [...Map.groupBy(diagnostics, ({ file }) => file)]
    .map(([file, inFile]) => {
      const source = frames ? tryRead(file) : undefined
      return renderDiagnostics(inFile, { color, frames, ...(source !== undefined && { source }) })
    })
    .join('')
  const advice = hint === undefined ? '' : `  ${paint(stderr, 'cyan', 'hint:')} ${hint}\n`
  return `${paint(stderr, 'red', '✗')} ${title}\n${advice}${lines}`.trimEnd()
}

/** The same for programs: one object for each problem. */
export function failureToJson({ code, title, hint, diagnostics }: Failure): readonly object[] {
  if (diagnostics.length > 0) return diagnosticsToJson(diagnostics)
  return [{ severity: 'error', code, message: title, ...(hint !== undefined && { hint }) }]
}

/** Tells the user on standard error and returns the exit code. */
export function reportFailure(failure: Failure, output: Output): ExitCode {
  output.complain(
    output.json ? JSON.stringify(failureToJson(failure)) : renderFailure(failure, output),
  )
  return failure.exitCode
}

/** For a configuration that stands in no file. */
const nowhere: Located = {
  file: 'the built-in configuration',
  locate: () => undefined,
  missing: [],
}

function syntaxFailure({ code, problems }: HclSyntaxError): Failure {
  const title = `Parse error: ${count(problems)}`
  return { exitCode: exitCodes.failed, code, title, diagnostics: problems }
}

function count({ length }: readonly unknown[]): string {
  return length === 1 ? '1 problem' : `${length} problems`
}

function isMissingFile(
  error: GatewayError,
): error is GatewayError & { readonly cause: { readonly path: string } } {
  const { code, cause } = error
  if (code !== 'GW_CONFIG_FILE' || !(cause instanceof Error)) return false
  return 'code' in cause && cause.code === 'ENOENT' && 'path' in cause
}

/** The file may have changed or gone since; then there are no frames, or those of the new text. */
function tryRead(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch {
    // Only the frames need it.
    return undefined
  }
}
