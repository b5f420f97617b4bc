import { Kind, type KindSet } from '../syntax/kinds.ts'

/** How many offsets {@link FieldSection.lines} has for each field. */
const offsetsPerLine = 5

const initialBytes = 1024
const initialLines = 24

/**
 * Received field lines: a copy of their bytes and where each part is. Makes strings only when
 * asked. All offsets count from the first byte of the message.
 */
export class FieldSection {
  /** The bytes, from 0 to `length`. Replaced by a larger buffer when needed. */
  buf: Buffer
  /** 0 until the section is complete. */
  length = 0
  /** Name start, name end, value start, value end, line end of each field. */
  lines: Int32Array
  /** Kind of each field. */
  kinds: Uint8Array
  /** How many fields there are. */
  count = 0
  /** Kinds of the fields that are there. */
  seen: KindSet = 0
  /** Whether Connection names fields that the sender wants removed and that may be removed. */
  nominates = false
  /** What Content-Length says, or -1. */
  contentLength = -1
  /** Bytes that are parsed: whole lines only. A parser that is called again goes on from here. */
  parsed = 0
  /** Counts up when the bytes go; whatever remembers an older number must read as empty. */
  generation = 0

  constructor(bytes: number = initialBytes, lines: number = initialLines) {
    this.buf = Buffer.allocUnsafeSlow(bytes)
    this.lines = new Int32Array(lines * offsetsPerLine)
    this.kinds = new Uint8Array(lines)
  }

  /** One of the five offsets of a field. */
  offset(line: number, which: number): number {
    // Never undefined: `line` is below `count`, and `lines` has room for all of these.
    return this.lines[line * offsetsPerLine + which] as number
  }

  /** Kind of a field. */
  kind(line: number): number {
    // Never undefined: as for `offset`.
    return this.kinds[line] as number
  }

  /** Name of a field in lower case. */
  name(line: number): string {
    return this.text(this.offset(line, 0), this.offset(line, 1)).toLowerCase()
  }

  /** Value of a field, without the white space around it. */
  value(line: number): string {
    return this.text(this.offset(line, 2), this.offset(line, 3))
  }

  /** Bytes as a latin1 string. */
  text(start: number, end: number): string {
    return start === end ? '' : this.buf.toString('latin1', start, end)
  }

  /** Whether a field of the kind is there. Not for `Kind.other`. */
  has(kind: number): boolean {
    return (this.seen & (1 << kind)) !== 0
  }

  /** All fields as name, value, name, value, …; names in lower case. */
  toFields(): string[] {
    const fields: string[] = []
    for (let line = 0; line < this.count; line++) fields.push(this.name(line), this.value(line))
    return fields
  }

  /** An independent copy of the fields. */
  copyFields(): FieldSection {
    const copy = new FieldSection(this.length, 0)
    this.buf.copy(copy.buf, 0, 0, this.length)
    copy.lines = this.lines.slice(0, this.count * offsetsPerLine)
    copy.kinds = this.kinds.slice(0, this.count)
    copy.length = this.length
    copy.count = this.count
    copy.seen = this.seen
    copy.nominates = this.nominates
    copy.contentLength = this.contentLength
    return copy
  }

  /** Makes the section empty and ready for other bytes. */
  reset(): void {
    this.length = 0
    this.count = 0
    this.seen = 0
    this.nominates = false
    this.contentLength = -1
    this.parsed = 0
  }

  /** Adds a field. For parsers. @internal */
  addLine(
    kind: number,
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
    lineEnd: number,
  ): void {
    const line = this.count++
    if (line === this.kinds.length) this.#growLines()
    const { lines } = this
    const first = line * offsetsPerLine
    lines[first] = nameStart
    lines[first + 1] = nameEnd
    lines[first + 2] = valueStart
    lines[first + 3] = valueEnd
    lines[first + 4] = lineEnd
    this.kinds[line] = kind
    if (kind !== Kind.other) this.seen |= 1 << kind
  }

  /** Copies `buf[start, end)` to `position`, keeping what stands before. For parsers. @internal */
  copyIn(buf: Buffer, start: number, end: number, position: number): void {
    if (buf === this.buf) return
    const needed = position + end - start
    if (needed > this.buf.length) this.#growBytes(needed, position)
    buf.copy(this.buf, position, start, end)
  }

  #growBytes(needed: number, kept: number): void {
    let size = this.buf.length * 2
    while (size < needed) size *= 2
    const larger = Buffer.allocUnsafeSlow(size)
    this.buf.copy(larger, 0, 0, kept)
    this.buf = larger
  }

  #growLines(): void {
    const kinds = new Uint8Array(this.kinds.length * 2)
    const lines = new Int32Array(kinds.length * offsetsPerLine)
    kinds.set(this.kinds)
    lines.set(this.lines)
    this.kinds = kinds
    this.lines = lines
  }
}
