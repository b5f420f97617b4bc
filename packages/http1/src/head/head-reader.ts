import { incomplete } from '../faults.ts'
import type { Http1Limits } from '../limits.ts'
import { at, Byte } from '../syntax/tables.ts'
import type { FieldSection } from './field-section.ts'
import type { Head } from './head.ts'

/** One of the parsers: of request heads, response heads, trailers. */
export type ParseHead<H extends FieldSection = Head> = (
  buf: Buffer,
  start: number,
  end: number,
  head: H,
  limits: Http1Limits,
) => number

/**
 * Reads heads from one side of a connection, however their bytes are split.
 *
 * A head that arrives in one piece is parsed where it is. Of one that dribbles in, the bytes so far
 * are kept in `head.buf`; they are parsed line by line as lines become complete, so that every byte
 * is looked at a bounded number of times and a fault shows with the line that has it.
 */
export class HeadReader<H extends FieldSection = Head> {
  readonly #parse: ParseHead<H>
  readonly #limits: Http1Limits
  readonly #maxBytes: number
  #kept = 0

  /** @param maxBytes The head limit that `parse` takes from `limits`. */
  constructor(parse: ParseHead<H>, limits: Http1Limits, maxBytes: number) {
    this.#parse = parse
    this.#limits = limits
    this.#maxBytes = maxBytes
  }

  /**
   * Bytes of an unfinished head that stand in `head.buf`. When a read ends in `http2Preface` or a
   * fault, those of earlier reads: they and the bytes of that read are all that was received.
   */
  get kept(): number {
    return this.#kept
  }

  /**
   * Takes the bytes of one read.
   *
   * @param head The same one until the head is complete, empty at first.
   * @returns Bytes of this read that belong to the head, if positive: what follows is the body.
   * Else `incomplete` with all bytes kept, `http2Preface`, or a fault.
   */
  read(buf: Buffer, start: number, end: number, head: H): number {
    if (this.#kept > 0) return this.#readOn(buf, start, end, head)
    const used = this.#parse(buf, start, end, head, this.#limits)
    if (used === incomplete && end > start) {
      head.copyIn(buf, start, end, 0)
      this.#kept = end - start
    }
    return used
  }

  /** Forgets what was kept. */
  reset(): void {
    this.#kept = 0
  }

  #readOn(buf: Buffer, start: number, end: number, head: H): number {
    const before = this.#kept
    const stop = Math.min(end, start + this.#maxBytes - before)
    head.copyIn(buf, start, stop, before)
    this.#kept = before + stop - start
    if (this.#kept < this.#maxBytes && !hasLineEnd(buf, start, stop)) return incomplete
    const used = this.#parse(head.buf, 0, this.#kept, head, this.#limits)
    if (used === incomplete) return incomplete
    if (used < 0) {
      this.#kept = before
      return used
    }
    this.#kept = 0
    return used - before
  }
}

function hasLineEnd(buf: Buffer, start: number, end: number): boolean {
  for (let pos = start; pos < end; pos++) if (at(buf, pos) === Byte.lf) return true
  return false
}
