/**
 * Reads a message the way a connection does, with its bytes split at will.
 *
 * @module
 */
import {
  type BodyFraming,
  ChunkedDecoder,
  defaultLimits,
  describeFault,
  Framing,
  Head,
  HeadReader,
  type Http1Limits,
  http2Preface,
  parseRequestHead,
  parseResponseHead,
  requestFraming,
  responseFraming,
} from '../src/index.ts'

/** What became of some bytes. */
export interface Reading {
  /** `complete`, `incomplete`, `preface`, or the code of a fault. */
  outcome: string
  /** `GET /path`, the target as received, or `200 OK`. */
  start: string
  host: string
  fields: string[]
  body: string
  trailers: readonly string[]
  /** Bytes after the message. */
  rest: string
}

/**
 * Reads messages one after the other, until one is not complete or ends the connection, which is
 * closed after the last byte.
 */
export function readAll(side: Side, bytes: string, method = 0): Reading[] {
  const readings: Reading[] = []
  let rest = bytes
  while (rest !== '') {
    const reader = new MessageReader(side, defaultLimits, method)
    reader.take(Buffer.from(rest, 'latin1'))
    reader.close()
    readings.push(reader.reading)
    if (reader.reading.outcome !== 'complete' || !reader.persistent) break
    rest = reader.reading.rest
  }
  return readings
}

/** Reads the first message from pieces, behind which the connection is closed. */
export function readFirst(side: Side, pieces: readonly Buffer[], method: number): Reading {
  const reader = new MessageReader(side, defaultLimits, method)
  for (const piece of pieces) reader.take(piece)
  reader.close()
  return reader.reading
}

export type Side = 'request' | 'response'

/** Reads one message from pieces that arrive one after the other. */
export function read(
  side: Side,
  pieces: readonly Buffer[],
  limits: Http1Limits = defaultLimits,
  method = 0,
): Reading {
  const reader = new MessageReader(side, limits, method)
  for (const piece of pieces) reader.take(piece)
  return reader.reading
}

/** One piece. */
export function whole(bytes: string): Buffer[] {
  return [Buffer.from(bytes, 'latin1')]
}

/** A piece for each byte. */
export function byBytes(bytes: string): Buffer[] {
  return Array.from(bytes, (byte) => Buffer.from(byte, 'latin1'))
}

/** Two pieces for each place where the bytes can be cut. */
export function cuts(bytes: string): Buffer[][] {
  const buf = Buffer.from(bytes, 'latin1')
  return Array.from({ length: Math.max(0, buf.length - 1) }, (_, i) => [
    buf.subarray(0, i + 1),
    buf.subarray(i + 1),
  ])
}

class MessageReader {
  readonly reading: Reading = {
    outcome: 'incomplete',
    start: '',
    host: '',
    fields: [],
    body: '',
    trailers: [],
    rest: '',
  }
  readonly #side: Side
  readonly #method: number
  readonly #head = new Head()
  readonly #reader: HeadReader
  readonly #decoder: ChunkedDecoder
  #framing: BodyFraming | undefined = undefined
  #missing = 0

  constructor(side: Side, limits: Http1Limits, method: number) {
    this.#side = side
    this.#method = method
    this.#decoder = new ChunkedDecoder(limits)
    this.#reader =
      side === 'request'
        ? new HeadReader(parseRequestHead, limits, limits.requestHeadBytes)
        : new HeadReader(parseResponseHead, limits, limits.responseHeadBytes)
  }

  get persistent(): boolean {
    return this.#head.persistent
  }

  take(piece: Buffer): void {
    // The piece stands in the middle of other bytes, as in a slab with older data.
    const slab = Buffer.concat([Buffer.from('\r\n\n'), piece, Buffer.from('\r\n\r\nHost: x\r\n\n')])
    const end = 3 + piece.length
    let pos = 3
    if (this.#framing === undefined) pos = this.#takeHead(slab, pos, end)
    if (this.#framing !== undefined) pos = this.#takeBody(slab, pos, end)
    if (this.reading.outcome === 'complete') this.reading.rest += slab.toString('latin1', pos, end)
    slab.fill('~')
  }

  /** The peer sends no more. */
  close(): void {
    if (this.#framing === Framing.untilClose) this.reading.outcome = 'complete'
  }

  #takeHead(buf: Buffer, pos: number, end: number): number {
    if (this.reading.outcome !== 'incomplete') return end
    const used = this.#reader.read(buf, pos, end, this.#head)
    if (used < 0)
      this.reading.outcome = used === http2Preface ? 'preface' : describeFault(used).code
    if (used <= 0) return end
    this.#describeHead()
    return pos + used
  }

  #describeHead(): void {
    const head = this.#head
    const { reading } = this
    reading.start =
      this.#side === 'request'
        ? `${head.methodText} ${head.text(head.targetStart, head.targetEnd)}`
        : `${head.status} ${head.reasonText}`
    reading.host = head.hostText
    reading.fields = head.toFields()
    this.#framing =
      this.#side === 'request' ? requestFraming(head) : responseFraming(head, this.#method)
    this.#missing = this.#framing > 0 ? this.#framing : 0
    if (this.#framing >= 0 ? this.#missing === 0 : this.#framing <= Framing.none) {
      reading.outcome = 'complete'
    }
  }

  #takeBody(buf: Buffer, pos: number, end: number): number {
    const { reading } = this
    if (reading.outcome !== 'incomplete') return pos
    if (this.#framing === Framing.chunked) return this.#takeChunks(buf, pos, end)
    const stop = this.#framing === Framing.untilClose ? end : Math.min(end, pos + this.#missing)
    reading.body += buf.toString('latin1', pos, stop)
    this.#missing -= stop - pos
    if (this.#framing !== Framing.untilClose && this.#missing === 0) reading.outcome = 'complete'
    return stop
  }

  #takeChunks(buf: Buffer, pos: number, end: number): number {
    const { reading } = this
    const used = this.#decoder.feed(buf, pos, end, {
      onData(data, start, stop) {
        reading.body += data.toString('latin1', start, stop)
      },
    })
    if (used < 0) {
      reading.outcome = describeFault(used).code
      return end
    }
    if (this.#decoder.done) {
      reading.outcome = 'complete'
      reading.trailers = this.#decoder.trailers
    }
    return pos + used
  }
}
