import { styleText } from 'node:util'
import { fromColumn, SourceText } from '../source-text.ts'
import type { Diagnostic } from './diagnostic.ts'
import { formatPath } from './path.ts'

/** How problems are shown. */
export interface RenderOptions {
  /** Colours for terminals. */
  readonly color: boolean
  /** Shows the line with the problem and the one before it. They may contain secrets. */
  readonly frames: boolean
  /** The text that the diagnostics are about; without it there are no frames. */
  readonly source?: string
}

type Style = Parameters<typeof styleText>[0]
type Paint = (style: Style, text: string) => string

/**
 * Diagnostics as text, one after the other:
 * `gateway.hcl:14:3: error GW_CONFIG_RANGE middlewares "limit" / rate: must be at least 1`, then a
 * frame if wanted, then the hint.
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  options: RenderOptions,
): string {
  const paint: Paint = options.color
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_style, text) => text
  const source = options.source
  const text = options.frames && source !== undefined ? new SourceText('', source) : undefined
  return diagnostics.map((diagnostic) => render(diagnostic, text, paint)).join('')
}

function render(diagnostic: Diagnostic, text: SourceText | undefined, paint: Paint): string {
  const { file, line, column, severity, code, path, message, hint } = diagnostic
  const where = paint('bold', `${file}:${line}:${column}:`)
  const what = `${paint('red', severity)} ${paint('dim', code)}`
  const subject = path.length === 0 ? '' : ` ${formatPath(path)}`
  const lines = [`${where} ${what}${subject}: ${message}`]
  if (text !== undefined) lines.push(...frame(diagnostic, text, paint))
  if (hint !== undefined) lines.push(`  ${paint('cyan', 'hint:')} ${hint}`)
  return lines.map((each) => `${each}\n`).join('')
}

function frame(diagnostic: Diagnostic, text: SourceText, paint: Paint): string[] {
  const { line, column } = diagnostic
  const source = text.line(line)
  const width = String(line).length
  const gutter = (label: string): string => paint('dim', `  ${label.padStart(width)} |`)
  const before = line > 1 ? [`${gutter(String(line - 1))} ${text.line(line - 1)}`.trimEnd()] : []
  const rest = fromColumn(source, column)
  // Tabs stay, so that the caret stands below its column however wide they are shown.
  const indent = source.slice(0, source.length - rest.length).replace(/[^\t]/gu, ' ')
  const caret = paint('red', '^'.repeat(caretLength(diagnostic, rest)))
  return [
    ...before,
    `${gutter(String(line))} ${source}`.trimEnd(),
    `${gutter('')} ${indent}${caret}`,
  ]
}

function caretLength(diagnostic: Diagnostic, rest: string): number {
  const { line, column, endLine, endColumn } = diagnostic
  const length = endLine === line ? endColumn - column : rest.trimEnd().length
  return Math.max(1, length)
}
