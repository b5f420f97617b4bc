import type { ConfigPath, ConfigProblem } from '@gatewright/kernel'
import type { Range } from '../source-text.ts'

/** A problem and where it is. Lines and columns begin at 1; columns count grapheme clusters. */
export interface Diagnostic extends ConfigProblem {
  readonly severity: 'error'
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  /** The column after the last character. */
  readonly endColumn: number
}

/** What {@link diagnose} needs to know of a document. */
export interface Located {
  readonly file: string
  locate(path: ConfigPath, part?: 'key' | 'value'): Range | undefined
  /** Paths whose value is not known, because an environment variable was allowed to be missing. */
  readonly missing: readonly { readonly path: ConfigPath }[]
}

const start: Range = { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } }

/** Codes for which the name is wrong, or the block, and not a value. */
const aboutKeys: ReadonlySet<string> = new Set([
  'GW_CONFIG_UNKNOWN_KEY',
  'GW_CONFIG_NAME',
  'GW_CONFIG_DUPLICATE',
  'GW_CONFIG_LABEL',
  'GW_CONFIG_BLOCK_REPEATED',
])

/**
 * Gives problems their place and sorts them by it. A path that does not stand in the file, such as
 * that of a missing key, gets the place of its nearest ancestor. Problems with values that are not
 * known (see {@link Located.missing}) are left out: they would be guesses. Those that have a file
 * already keep their place; those of other files come last, file by file.
 */
export function diagnose(document: Located, problems: readonly ConfigProblem[]): Diagnostic[] {
  const unknown = new Set(document.missing.map(({ path }) => JSON.stringify(path)))
  return problems
    .filter(({ path }) => !unknown.has(JSON.stringify(path)))
    .map((problem) => place(problem, document))
    .toSorted((a, b) => byFile(a, b, document.file) || byPosition(a, b))
}

/** Diagnostics as plain data, for `--json`. The path is a list of keys and indices. */
export function diagnosticsToJson(diagnostics: readonly Diagnostic[]): object[] {
  return diagnostics.map((diagnostic) => ({
    severity: diagnostic.severity,
    code: diagnostic.code,
    message: diagnostic.message,
    path: diagnostic.path,
    file: diagnostic.file,
    line: diagnostic.line,
    column: diagnostic.column,
    endLine: diagnostic.endLine,
    endColumn: diagnostic.endColumn,
    ...(diagnostic.suggestion !== undefined && { suggestion: diagnostic.suggestion }),
    ...(diagnostic.hint !== undefined && { hint: diagnostic.hint }),
  }))
}

/** @internal */
export function diagnosticOf(problem: ConfigProblem, file: string, range: Range): Diagnostic {
  return {
    ...problem,
    severity: 'error',
    file,
    line: range.start.line,
    column: range.start.column,
    endLine: range.end.line,
    endColumn: range.end.column,
  }
}

/** @internal */
export function byPosition(a: Diagnostic, b: Diagnostic): number {
  return a.line - b.line || a.column - b.column
}

function place(problem: ConfigProblem, document: Located): Diagnostic {
  if (isDiagnostic(problem)) return problem
  if (problem.file !== undefined) return diagnosticOf(problem, problem.file, start)
  return diagnosticOf(problem, document.file, rangeOf(document, problem))
}

function isDiagnostic(problem: ConfigProblem): problem is Diagnostic {
  return 'endColumn' in problem && 'severity' in problem
}

function byFile(a: Diagnostic, b: Diagnostic, first: string): number {
  if (a.file === b.file) return 0
  if (a.file === first || b.file === first) return a.file === first ? -1 : 1
  return a.file < b.file ? -1 : 1
}

function rangeOf(document: Located, problem: ConfigProblem): Range {
  const { path } = problem
  if (!aboutKeys.has(problem.code)) {
    const value = document.locate(path, 'value')
    if (value !== undefined && value.start.line === value.end.line) return value
  }
  for (let length = path.length; length > 0; length--) {
    const key = document.locate(path.slice(0, length), 'key')
    if (key !== undefined) return key
  }
  return start
}
