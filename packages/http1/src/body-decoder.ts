import { HeaderList } from '@gatewright/kernel'
import { ChunkedDecoder } from './body/chunked-decoder.ts'
import { type BodyFraming, Framing } from './body/framing.ts'
import type { Head } from './head/head.ts'
import { nominatedNames } from './head/options.ts'
import type { Http1Limits } from './limits.ts'

/** Takes the data that a decoder finds. */
export interface DataSink {
  onData(buf: Buffer, start: number, end: number): void
}

/** Takes the framing off a body, however its bytes are split (RFC 9112 section 6). */
export interface BodyDecoder {
  /** Bytes of the whole body if its framing says so in advance. */
  readonly length: number | undefined
  /** Bytes of data still to come if that is known. */
  readonly remaining: number | undefined
  /** Only the end of the connection ends the body. */
  readonly endsWithConnection: boolean
  /** The last byte has been decoded. */
  readonly complete: boolean
  /** What came after the data, once complete. */
  readonly trailers: HeaderList | undefined
  /** @returns How many bytes belonged to the body, or a fault of `faults.ts`. */
  decode(buf: Buffer, start: number, end: number, sink: DataSink): number
}

/** A body whose length the head tells. */
export class LengthDecoder implements BodyDecoder {
  readonly length: number
  readonly endsWithConnection = false
  readonly trailers = undefined
  #remaining: number

  constructor(length: number) {
    this.length = length
    this.#remaining = length
  }

  get remaining(): number {
    return this.#remaining
  }

  get complete(): boolean {
    return this.#remaining === 0
  }

  decode(buf: Buffer, start: number, end: number, sink: DataSink): number {
    const used = Math.min(end - start, this.#remaining)
    this.#remaining -= used
    if (used > 0) sink.onData(buf, start, start + used)
    return used
  }
}

/** A response body that ends with the connection (RFC 9112 section 6.3, rule 8). */
export class UntilCloseDecoder implements BodyDecoder {
  readonly length = undefined
  readonly remaining = undefined
  readonly endsWithConnection = true
  readonly complete = false
  readonly trailers = undefined

  decode(buf: Buffer, start: number, end: number, sink: DataSink): number {
    sink.onData(buf, start, end)
    return end - start
  }
}

/** A body in the chunked coding. */
export class ChunkedBodyDecoder implements BodyDecoder {
  readonly length = undefined
  readonly remaining = undefined
  readonly endsWithConnection = false
  readonly #chunks: ChunkedDecoder
  readonly #nominated: ReadonlySet<string> | undefined

  /** @param nominated Trailers that concern one connection only, as Connection says. */
  constructor(limits: Http1Limits, nominated?: ReadonlySet<string>) {
    this.#chunks = new ChunkedDecoder(limits)
    this.#nominated = nominated
  }

  get complete(): boolean {
    return this.#chunks.done
  }

  get trailers(): HeaderList | undefined {
    const { trailers } = this.#chunks
    if (trailers.length === 0) return undefined
    const list = new HeaderList([...trailers])
    for (const name of this.#nominated ?? []) list.delete(name)
    return list
  }

  decode(buf: Buffer, start: number, end: number, sink: DataSink): number {
    return this.#chunks.feed(buf, start, end, sink)
  }
}

/** What takes the framing off the body of a message; `undefined` if it has none. */
export function bodyDecoder(
  framing: BodyFraming,
  head: Head,
  limits: Http1Limits,
): BodyDecoder | undefined {
  if (framing === Framing.chunked) {
    // RFC 9110 section 7.6.1: what Connection names stays here, in the trailers as in the head.
    return new ChunkedBodyDecoder(limits, head.nominates ? nominatedNames(head) : undefined)
  }
  if (framing === Framing.untilClose) return new UntilCloseDecoder()
  return framing >= 0 ? new LengthDecoder(framing) : undefined
}
