import {
  type BodySink,
  type BodySource,
  type HeaderList,
  errors as kernelErrors,
} from '@gatewright/kernel'
import { writeChunkEnd, writeChunkHeader, writeLastChunk } from './body/chunk-writer.ts'
import { type BodyFraming, Framing } from './body/framing.ts'
import type { Wire } from './wire/wire.ts'
import { writeHead } from './wire/write-head.ts'

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
  #framing: BodyFraming = Framing.none
  #remaining = 0
  #written = 0
  /** That of the message, if the peer takes trailers. */
  #head: HeaderList | undefined = undefined
  /** The source was told to pause. */
  #waiting = false

  constructor(wire: Wire, host: WriterHost) {
    this.#wire = wire
    this.#host = host
  }

  /** True while a body is being written. */
  get busy(): boolean {
    return this.#source !== undefined
  }

  /** Bytes of bodies that were given to the wire so far. */
  get written(): number {
    return this.#written
  }

  /**
   * Begins a body after its head was written. Bytes that are there leave with the head.
   * @param framing A length, chunked, or until the connection closes.
   * @param head The fields that were sent, if the peer can do something with trailers, of which those
   * are sent that do not contradict them; else they are left out.
   */
  start(source: BodySource, framing: BodyFraming, head: HeaderList | undefined): void {
    this.#source = source
    this.#framing = framing
    this.#remaining = framing
    this.#head = head
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
    if (this.#framing >= 0) {
      if (size > this.#remaining) {
        this.#break('the body is longer than its content-length')
        return false
      }
      this.#remaining -= size
    }
    this.#written += size
    const ready =
      this.#framing === Framing.chunked
        ? this.#writeChunk(bytes, start, end)
        : this.#wire.write(bytes, start, end)
    if (!ready) this.#waiting = true
    return ready
  }

  end(trailers: HeaderList | undefined): void {
    if (this.#source === undefined) return
    if (this.#framing >= 0 && this.#remaining > 0) {
      return this.#break('the body is shorter than its content-length')
    }
    this.#source = undefined
    if (this.#framing === Framing.chunked) {
      try {
        this.#writeEnd(trailers && this.#head?.filterTrailers(trailers))
      } catch (error) {
        // A trailer that cannot be sent; the peer must not take the message for a whole one.
        return this.#host.onWriteFailed(error)
      }
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

  #writeEnd(trailers: HeaderList | undefined): void {
    writeHead(this.#wire, trailers?.raw(), writeLastChunk)
  }

  #break(problem: string): void {
    const error = kernelErrors.GW_INTERNAL({ problem })
    this.cancel(error)
    this.#host.onWriteFailed(error)
  }
}
