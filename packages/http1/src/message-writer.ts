import type { BodySink, BodySource, HeaderList } from '@gatewright/kernel'
import { writeChunkEnd, writeChunkHeader, writeLastChunk } from './body/chunk-writer.ts'
import type { Wire } from './wire/wire.ts'
import { writeHead } from './wire/write-head.ts'

/** How an outgoing body is framed. */
export type OutgoingFraming = 'length' | 'chunked' | 'close'

/** Told how a message went. */
export interface WriterHost {
  /** The last byte was given to the wire. */
  onWritten(): void
  /** The body broke off, so the message cannot be completed. */
  onWriteFailed(error: unknown): void
}

/** Writes the bodies of one side of a connection, one after the other. */
export class MessageWriter implements BodySink {
  readonly #wire: Wire
  readonly #host: WriterHost
  #source: BodySource | undefined = undefined
  #framing: OutgoingFraming = 'length'
  #remaining = 0
  #waiting = false

  constructor(wire: Wire, host: WriterHost) {
    this.#wire = wire
    this.#host = host
  }

  /** True while a body is being written. */
  get busy(): boolean {
    return this.#source !== undefined
  }

  /** Begins a body after its head was written. Bytes that are there leave with the head. */
  start(source: BodySource, framing: OutgoingFraming, length: number): void {
    this.#source = source
    this.#framing = framing
    this.#remaining = length
    this.#waiting = false
    source.start(this)
  }

  /** The wire takes bytes again. */
  onWritable(): void {
    if (!this.#waiting) return
    this.#waiting = false
    this.#source?.resume()
  }

  /** Nobody will read the rest. */
  cancel(error: unknown): void {
    const source = this.#source
    this.#source = undefined
    source?.cancel(error)
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#source === undefined) return false
    const size = end - start
    if (size === 0) return true
    if (this.#framing === 'length') {
      if (size > this.#remaining) {
        this.#break(new Error('the body is longer than its content-length'))
        return false
      }
      this.#remaining -= size
    }
    const ready =
      this.#framing === 'chunked'
        ? this.#writeChunk(bytes, start, end)
        : this.#wire.write(bytes, start, end)
    this.#waiting = !ready
    return ready
  }

  end(trailers: HeaderList | undefined): void {
    if (this.#source === undefined) return
    if (this.#framing === 'length' && this.#remaining > 0) {
      return this.#break(new Error('the body is shorter than its content-length'))
    }
    this.#source = undefined
    if (this.#framing === 'chunked') {
      writeHead(this.#wire, trailers?.raw(), (out, position, fields) =>
        writeLastChunk(out, position, fields),
      )
    }
    this.#host.onWritten()
  }

  fail(error: unknown): void {
    if (this.#source === undefined) return
    this.#source = undefined
    this.#host.onWriteFailed(error)
  }

  #writeChunk(bytes: Uint8Array, start: number, end: number): boolean {
    const wire = this.#wire
    wire.cork()
    writeHead(wire, end - start, writeChunkHeader)
    wire.write(bytes, start, end)
    writeHead(wire, undefined, writeChunkEnd)
    return wire.uncork()
  }

  #break(error: unknown): void {
    const source = this.#source
    this.#source = undefined
    source?.cancel(error)
    this.#host.onWriteFailed(error)
  }
}
