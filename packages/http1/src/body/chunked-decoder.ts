import { Fault } from '../faults.ts'
import { FieldSection } from '../head/field-section.ts'
import { HeadReader } from '../head/head-reader.ts'
import { parseTrailers } from '../head/parse.ts'
import { skipValue } from '../head/scan.ts'
import type { Http1Limits } from '../limits.ts'
import { at, Byte, hexValue } from '../syntax/tables.ts'

const { cr, lf, semicolon } = Byte

/** Takes what is in the chunks. May not call the decoder. */
export interface ChunkSink {
  /** Data, valid during the call. A chunk may come in several pieces. */
  onData(buf: Buffer, start: number, end: number): void
  /** A chunk of `size` bytes begins. Not called for the last chunk, which is empty. */
  onChunk?(size: number): void
  /** The line end after the data of a chunk was read. */
  onChunkEnd?(): void
}

/** Trailers while they are read; most messages have none. */
interface TrailerReader {
  readonly section: FieldSection
  readonly reader: HeadReader<FieldSection>
}

/** 13 hexadecimal digits stay below 2^53, so that counting is exact. */
const maxDigits = 13
const noTrailers: readonly string[] = []

/** What the next byte belongs to. */
const State = {
  size: 0,
  extension: 1,
  sizeLf: 2,
  data: 3,
  dataCr: 4,
  dataLf: 5,
  trailerStart: 6,
  trailers: 7,
  finalLf: 8,
  done: 9,
} as const

/**
 * Takes the chunked coding off a body, however its bytes are split (RFC 9112 section 7.1).
 *
 * Stricter than the grammar: a size is 1 to 13 digits directly followed by `;` or CR LF, and lines
 * end in CR LF only.
 */
export class ChunkedDecoder {
  readonly #limits: Http1Limits
  #state: number = State.size
  #digits = 0
  /** The size while it is read, then what is left of the chunk. */
  #remaining = 0
  /** Bytes of extensions so far. */
  #overhead = 0
  #canonical = true
  #trailers: TrailerReader | undefined = undefined

  constructor(limits: Http1Limits) {
    this.#limits = limits
  }

  /** The body with its trailers is complete; what follows is the next message. */
  get done(): boolean {
    return this.#state === State.done
  }

  /** Trailer fields as name, value, name, value, …; names in lower case. Empty until `done`. */
  get trailers(): readonly string[] {
    return this.done ? (this.#trailers?.section.toFields() ?? noTrailers) : noTrailers
  }

  /**
   * Whether the bytes that the last `feed` used may be passed on as they are: their framing is
   * canonical, and they begin and end where framing does not stand half. Canonical is what this
   * package writes: sizes in lower-case digits without leading zeros, no extension, no trailer.
   */
  get passable(): boolean {
    return this.#canonical && this.#isBetween()
  }

  /**
   * Takes the bytes of one read.
   *
   * @returns Bytes used, which are all unless the body is done, or a fault.
   */
  feed(buf: Buffer, start: number, end: number, sink: ChunkSink): number {
    this.#canonical = this.#isBetween()
    let pos = start
    while (pos < end && this.#state !== State.done) {
      const next = this.#step(buf, pos, end, sink)
      if (next < 0) return next
      pos = next
    }
    return pos - start
  }

  /** Ready for the body of another message. */
  reset(): void {
    this.#state = State.size
    this.#digits = 0
    this.#remaining = 0
    this.#overhead = 0
    this.#trailers = undefined
  }

  #step(buf: Buffer, pos: number, end: number, sink: ChunkSink): number {
    switch (this.#state) {
      case State.size:
        return this.#readSize(buf, pos, end)
      case State.extension:
        return this.#readExtension(buf, pos, end)
      case State.sizeLf:
        return this.#endSizeLine(buf, pos, sink)
      case State.data:
        return this.#readData(buf, pos, end, sink)
      case State.dataCr:
        return this.#expect(buf, pos, cr, State.dataLf, Fault.badChunkEnd)
      case State.dataLf:
        return this.#endChunk(buf, pos, sink)
      case State.trailerStart:
        return this.#beginTrailers(buf, pos)
      case State.trailers:
        return this.#readTrailers(buf, pos, end)
      default:
        return this.#expect(buf, pos, lf, State.done, Fault.bareCr)
    }
  }

  #readSize(buf: Buffer, start: number, end: number): number {
    for (let pos = start; pos < end; pos++) {
      const byte = at(buf, pos)
      const value = hexValue(byte)
      if (value > 15) return this.#endSize(byte, pos)
      if (this.#digits === maxDigits) return Fault.badChunkSize
      if (isUpperCase(byte) || (this.#digits > 0 && this.#remaining === 0)) this.#canonical = false
      this.#digits++
      this.#remaining = this.#remaining * 16 + value
    }
    return end
  }

  #endSize(byte: number, pos: number): number {
    if (this.#digits === 0) return Fault.badChunkSize
    if (byte === cr) this.#state = State.sizeLf
    else if (byte === semicolon) this.#state = State.extension
    else return byte === lf ? Fault.bareLf : Fault.badChunkSize
    return pos + 1
  }

  #readExtension(buf: Buffer, start: number, end: number): number {
    this.#canonical = false
    const pos = skipValue(buf, start, end)
    this.#overhead += pos - start
    if (this.#overhead > this.#limits.chunkOverheadBytes) return Fault.chunkOverheadTooLarge
    if (pos === end) return end
    const byte = at(buf, pos)
    if (byte !== cr) return byte === lf ? Fault.bareLf : Fault.badChunkExtension
    this.#state = State.sizeLf
    return pos + 1
  }

  #endSizeLine(buf: Buffer, pos: number, sink: ChunkSink): number {
    const next = this.#remaining === 0 ? State.trailerStart : State.data
    const result = this.#expect(buf, pos, lf, next, Fault.bareCr)
    if (result > 0 && next === State.data) sink.onChunk?.(this.#remaining)
    return result
  }

  #readData(buf: Buffer, pos: number, end: number, sink: ChunkSink): number {
    const stop = Math.min(end, pos + this.#remaining)
    this.#remaining -= stop - pos
    if (this.#remaining === 0) this.#state = State.dataCr
    sink.onData(buf, pos, stop)
    return stop
  }

  #endChunk(buf: Buffer, pos: number, sink: ChunkSink): number {
    const result = this.#expect(buf, pos, lf, State.size, Fault.bareCr)
    if (result < 0) return result
    this.#digits = 0
    sink.onChunkEnd?.()
    return result
  }

  #beginTrailers(buf: Buffer, pos: number): number {
    if (at(buf, pos) === cr) {
      this.#state = State.finalLf
      return pos + 1
    }
    this.#state = State.trailers
    return pos
  }

  #readTrailers(buf: Buffer, pos: number, end: number): number {
    this.#canonical = false
    this.#trailers ??= createTrailerReader(this.#limits, this.#overhead)
    const { section, reader } = this.#trailers
    const used = reader.read(buf, pos, end, section)
    if (used < 0) return used
    if (used === 0) return end
    this.#state = State.done
    return pos + used
  }

  #expect(buf: Buffer, pos: number, byte: number, next: number, fault: number): number {
    if (at(buf, pos) !== byte) return fault
    this.#state = next
    return pos + 1
  }

  /** Whether the bytes so far end where no framing stands half. */
  #isBetween(): boolean {
    const state = this.#state
    if (state === State.size) return this.#digits === 0
    return state === State.data || state === State.dataCr || state === State.done
  }
}

function isUpperCase(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x46
}

function createTrailerReader(limits: Http1Limits, overhead: number): TrailerReader {
  // The empty line that ends the trailers is no overhead.
  const max = limits.chunkOverheadBytes - overhead + 2
  const parse = (buf: Buffer, start: number, end: number, section: FieldSection): number =>
    parseTrailers(buf, start, end, section, max, limits.headerCount)
  return { section: new FieldSection(256, 4), reader: new HeadReader(parse, limits, max) }
}
