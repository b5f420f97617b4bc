import type { ExpressionNode } from '../grammar/grammar.ts'
import type { Span } from '../source-text.ts'

/** The text of one expression, which the syntax tree addresses by UTF-8 offsets. */
export class ExpressionSource {
  readonly text: string
  readonly #bytes: Buffer
  readonly #start: number

  /** `start` is the expression's offset in its file. */
  constructor(text: string, start: number) {
    this.text = text
    this.#bytes = Buffer.from(text)
    this.#start = start
  }

  /** The place of a node in the file. */
  span(node: ExpressionNode): Span {
    const start = this.startOf(node)
    const source = node.meta?.value ?? ''
    // The tree knows the end of the first token only, but also the source of the whole node. A
    // quoted string begins one character before its first token.
    const whole = [start, start - 1].find((from) => this.text.startsWith(source, from))
    if (source !== '' && whole !== undefined) {
      return this.shift({ start: whole, end: whole + source.length })
    }
    return this.shift({ start, end: Math.max(start, this.#offset(node.range.end.byte)) })
  }

  /** A place in the expression as a place in the file. */
  shift(span: Span): Span {
    return { start: this.#start + span.start, end: this.#start + span.end }
  }

  startOf(node: ExpressionNode): number {
    return this.#offset(node.range.start.byte)
  }

  /** The name with which a node begins. */
  nameAt(node: ExpressionNode): string {
    const rest = this.text.slice(this.startOf(node))
    return /^[\p{ID_Start}_][\p{ID_Continue}-]*/u.exec(rest)?.[0] ?? ''
  }

  /** True if the template sequence before a node ends with `~}`. */
  trimsBefore(node: ExpressionNode): boolean {
    return this.#ascii(node.range.start.byte - 2, 2) === '~}'
  }

  /** True if the template sequence after a node begins with `${~`. */
  trimsAfter(node: ExpressionNode): boolean {
    return this.#ascii(node.range.end.byte, 3) === '${~'
  }

  /** The indentation before a node that is the first on its line. */
  indentBefore(node: ExpressionNode): string {
    return /(?:^|\n)([ \t]*)$/.exec(this.text.slice(0, this.startOf(node)))?.[1] ?? ''
  }

  /** True if a node stands at the beginning of `${…}`, and not on its own. */
  isInterpolated(node: ExpressionNode): boolean {
    return /\$\{~?\s*$/.test(this.text.slice(0, this.startOf(node)))
  }

  #offset(byte: number): number {
    return this.#bytes.toString('utf8', 0, byte).length
  }

  #ascii(byte: number, length: number): string {
    return this.#bytes.toString('latin1', Math.max(0, byte), byte + length)
  }
}
