/**
 * The literal parts of a template. The grammar's syntax tree has them as source text, so escapes,
 * indentation and the trimming of `~` are left to do.
 *
 * @module
 */
import { decodeHeredoc, decodeQuoted } from '../string-literal.ts'

/** A template in the order of its source. */
export type TemplatePart<T> = LiteralPart | ExpressionPart<T>

export interface ExpressionPart<T> {
  readonly kind: 'expression'
  readonly node: T
}

export interface LiteralPart {
  readonly kind: 'literal'
  readonly source: string
  /** After an expression that ends with `~}`. */
  readonly trimStart: boolean
  /** Before an expression that begins with `${~`. */
  readonly trimEnd: boolean
}

export type TemplateStyle = 'quoted' | 'heredoc' | 'flush heredoc'

/** Texts and expressions by turns, each text as it has to stand in the result. */
export function readTemplate<T>(
  style: TemplateStyle,
  parts: readonly TemplatePart<T>[],
): readonly (string | ExpressionPart<T>)[] {
  if (style === 'quoted') {
    return parts.map((part) =>
      part.kind === 'literal' ? trimmed(decodeQuoted(part.source), part) : part,
    )
  }
  const lines = parts.flatMap((part): (string | ExpressionPart<T>)[] =>
    part.kind === 'literal' ? linesOf(part) : [part],
  )
  return style === 'heredoc' ? lines : withoutIndent(lines)
}

/** Only the line next to the expression is trimmed. */
function linesOf(part: LiteralPart): string[] {
  const lines = part.source.match(/[^\n]*\n|[^\n]+$/g) ?? []
  return lines.map((line, index) =>
    trimmed(decodeHeredoc(line), {
      trimStart: part.trimStart && index === 0,
      trimEnd: part.trimEnd && index === lines.length - 1,
    }),
  )
}

function trimmed(text: string, trim: Pick<LiteralPart, 'trimStart' | 'trimEnd'>): string {
  const start = trim.trimStart ? text.trimStart() : text
  return trim.trimEnd ? start.trimEnd() : start
}

/** `<<-` takes away the indentation that all lines share; lines of spaces only do not count. */
function withoutIndent<T>(lines: readonly (string | T)[]): (string | T)[] {
  const starts = lines.map((_, index) => isLineStart(lines, index))
  const indents = lines.flatMap((line, index) => (starts[index] ? indentOf(line) : []))
  const shared = Math.min(...indents)
  return lines.map((line, index) => {
    const isIndented = starts[index] && typeof line === 'string' && indentOf(line).length > 0
    return isIndented ? line.slice(shared) : line
  })
}

function isLineStart(lines: readonly unknown[], index: number): boolean {
  const before = lines[index - 1]
  return index === 0 || (typeof before === 'string' && before.endsWith('\n'))
}

/** The indentation of a line, if it counts. */
function indentOf(line: unknown): number[] {
  if (typeof line !== 'string') return [0]
  const text = line.trimStart()
  return text === '' && line.endsWith('\n') ? [] : [line.length - text.length]
}
