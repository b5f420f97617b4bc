/** A place between two characters, as editors count: both from 1, columns in grapheme clusters. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A stretch of source text; the end is the place after the last character. */
export interface Range {
  readonly start: Position
  readonly end: Position
}

/** A stretch of source text in UTF-16 offsets, the end not included. */
export interface Span {
  readonly start: number
  readonly end: number
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** A file's text that knows its lines. */
export class SourceText {
  readonly file: string
  readonly text: string
  readonly #lineStarts: readonly number[]

  constructor(file: string, text: string) {
    this.file = file
    this.text = text
    const starts = [0]
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1))
      starts.push(at + 1)
    this.#lineStarts = starts
  }

  position(offset: number): Position {
    const line = this.#lineOf(offset)
    const prefix = this.text.slice(this.#lineStarts[line - 1], offset)
    return { line, column: countGraphemes(prefix) + 1 }
  }

  range(span: Span): Range {
    return { start: this.position(span.start), end: this.position(span.end) }
  }

  /** `gateway.hcl:3:1`, for messages that name a second place. */
  reference(offset: number): string {
    const { line, column } = this.position(offset)
    return `${this.file}:${line}:${column}`
  }

  /** A line without its line break; empty if there is no such line. */
  line(line: number): string {
    const start = this.#lineStarts[line - 1]
    if (start === undefined) return ''
    const end = this.#lineStarts[line] ?? this.text.length + 1
    return this.text.slice(start, end - 1).replace(/\r$/, '')
  }

  #lineOf(offset: number): number {
    let low = 0
    let high = this.#lineStarts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Characters as a reader counts them. */
function countGraphemes(text: string): number {
  // Configuration is ASCII nearly everywhere, and the segmenter costs microseconds a line.
  // oxlint-disable-next-line no-control-regex
  if (/^[\x00-\x7f]*$/.test(text)) return text.length
  return [...graphemes.segment(text)].length
}

/** The part of a line from a column on, counted in grapheme clusters from 1. */
export function fromColumn(line: string, column: number): string {
  let left = column - 1
  for (const { index } of graphemes.segment(line)) {
    if (left-- === 0) return line.slice(index)
  }
  return ''
}
