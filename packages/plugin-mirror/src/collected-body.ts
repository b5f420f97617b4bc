/**
 * The body of a copy: collected as it goes by, and sent once it is whole.
 *
 * @module
 */
import type { BodySink, BodySource, HeaderList } from '@gatewright/kernel'

/** Told once how collecting ended. */
export type Collected = (result: BodySource | 'too-large' | 'broken-off') => void

/** Takes a body as fast as it comes, up to a limit. A shadow never sees a part of a request. */
export class BodyCollector implements BodySink {
  readonly #source: BodySource
  readonly #maxBytes: number
  readonly #done: Collected
  #pieces: Buffer[] = []
  #bytes = 0

  constructor(source: BodySource, maxBytes: number, done: Collected) {
    this.#source = source
    this.#maxBytes = maxBytes
    this.#done = done
  }

  start(): void {
    this.#source.start(this)
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    this.#bytes += end - start
    if (this.#bytes > this.#maxBytes) {
      this.#source.cancel()
      this.#pieces = []
      this.#done('too-large')
      return false
    }
    this.#pieces.push(Buffer.from(bytes.subarray(start, end)))
    return true
  }

  end(trailers: HeaderList | undefined): void {
    this.#done(new CollectedBody(this.#pieces, this.#bytes, trailers))
  }

  fail(): void {
    this.#pieces = []
    this.#done('broken-off')
  }
}

/** Gives out what was collected, and lets go of each piece. */
class CollectedBody implements BodySource {
  readonly length: number | undefined
  readonly #trailers: HeaderList | undefined
  #pieces: Buffer[]
  #sink: BodySink | undefined = undefined

  constructor(pieces: Buffer[], bytes: number, trailers: HeaderList | undefined) {
    // Only a chunked body can have trailers (RFC 9112 section 7.1.2).
    this.length = trailers === undefined ? bytes : undefined
    this.#pieces = pieces.toReversed()
    this.#trailers = trailers
  }

  start(sink: BodySink): void {
    this.#sink = sink
    this.resume()
  }

  resume(): void {
    while (this.#sink !== undefined) {
      const piece = this.#pieces.pop()
      if (piece === undefined) return this.#end()
      if (!this.#sink.write(piece, 0, piece.length)) return
    }
  }

  cancel(): void {
    this.#sink = undefined
    this.#pieces = []
  }

  #end(): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.end(this.#trailers)
  }
}
