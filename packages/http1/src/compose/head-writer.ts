import type { FieldSection } from '../head/field-section.ts'
import { Kind, type KindSet, kindOf } from '../syntax/kinds.ts'
import { Byte, Class } from '../syntax/tables.ts'
import { noRoom, writeField, writeUnits } from './write-field.ts'

const { cr, lf } = Byte
const { digit } = Class
const nothing = Buffer.alloc(0)

/**
 * Puts a head together in a buffer of somebody else. If there is no more room, everything that
 * follows is ignored and {@link HeadWriter.end} says so.
 */
export class HeadWriter {
  #out: Buffer = nothing
  /** Beyond the end of the buffer once something did not fit. */
  #position = 0
  /** A range that has its place but is not copied yet, since the next one may continue it. */
  #source: Buffer = nothing
  #sourceStart = 0
  #sourceEnd = 0
  #target = 0

  begin(out: Buffer, position: number): void {
    this.#out = out
    this.#position = position
    this.#source = nothing
    this.#sourceStart = 0
    this.#sourceEnd = 0
  }

  /** Writes the empty line. Returns the position behind it, or `noRoom`. */
  end(): number {
    this.lineEnd()
    if (this.#position > this.#out.length) return noRoom
    this.#copy()
    this.#source = nothing
    return this.#position
  }

  lineEnd(): void {
    const position = this.#take(2)
    if (position < 0) return
    this.#out[position] = cr
    this.#out[position + 1] = lf
  }

  /** Writes `buf[start, end)`, which must not change before {@link HeadWriter.end}. */
  bytes(buf: Buffer, start: number, end: number): void {
    const position = this.#take(end - start)
    if (position < 0) return
    const continues =
      buf === this.#source &&
      start === this.#sourceEnd &&
      position === this.#target + this.#sourceEnd - this.#sourceStart
    if (!continues) {
      this.#copy()
      this.#source = buf
      this.#sourceStart = start
      this.#target = position
    }
    this.#sourceEnd = end
  }

  /**
   * Writes a string of bytes of one class.
   *
   * @returns False if it has any other.
   */
  text(text: string, mask: number): boolean {
    const position = this.#take(text.length)
    return position < 0 || writeUnits(this.#out, position, text, mask)
  }

  /** Writes a number in decimal digits. */
  decimal(value: number): void {
    this.text(String(value), digit)
  }

  /** Writes one field. Throws GW_INVALID_HEADER. */
  field(name: string, value: string): void {
    if (this.#position > this.#out.length) return
    const end = writeField(this.#out, this.#position, name, value)
    this.#position = end === noRoom ? this.#out.length + 1 : end
  }

  /** Writes the fields of a flat array except those of some kinds. Throws GW_INVALID_HEADER. */
  fields(fields: readonly string[], dropped: KindSet): void {
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i] ?? ''
      const position = this.#position
      this.field(name, fields[i + 1] ?? '')
      if (this.#position > this.#out.length) return
      const kind = kindOf(this.#out, position, position + name.length)
      if (kind !== Kind.other && (dropped & (1 << kind)) !== 0) this.#position = position
    }
  }

  /**
   * Copies received lines except those of some kinds and those that are marked; lines that stand
   * together are copied together.
   *
   * @param removed 1 for each line that stays away.
   */
  lines(section: FieldSection, dropped: KindSet, removed: Uint8Array | undefined): void {
    const { buf, count } = section
    if (count === 0) return
    if (removed === undefined && (section.seen & dropped) === 0) {
      return this.bytes(buf, section.offset(0, 0), section.offset(count - 1, 4))
    }
    let start = section.offset(0, 0)
    for (let line = 0; line < count; line++) {
      if ((dropped & (1 << section.kind(line))) === 0 && removed?.[line] !== 1) continue
      const lineStart = section.offset(line, 0)
      if (start < lineStart) this.bytes(buf, start, lineStart)
      start = section.offset(line, 4)
    }
    const end = section.offset(count - 1, 4)
    if (start < end) this.bytes(buf, start, end)
  }

  #copy(): void {
    if (this.#sourceStart < this.#sourceEnd) {
      this.#source.copy(this.#out, this.#target, this.#sourceStart, this.#sourceEnd)
    }
  }

  /** Claims room. Returns where it begins, or -1. */
  #take(length: number): number {
    const position = this.#position
    if (position + length > this.#out.length) {
      this.#position = this.#out.length + 1
      return -1
    }
    this.#position = position + length
    return position
  }
}
