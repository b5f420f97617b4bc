import type { BodySink, BodySource, HeaderList } from '@gatewright/kernel'

/** Learns how the body of a call ends, and says how it is to end. */
export interface CallEnding {
  /** The upstream said its last. @returns What the client is told. */
  ended(trailers: HeaderList | undefined): HeaderList
  /** The upstream broke off. @returns What the client is told instead. */
  broke(error: unknown): HeaderList
  /** Nobody wants the rest. */
  abandoned(): void
}

/**
 * The body of a call on its way to the client. Ends with trailers whatever happens: a client of
 * gRPC makes more of a status than of a stream that was reset.
 */
export class CallBody implements BodySource, BodySink {
  /** The trailers may come before the last byte that was announced. */
  readonly length = undefined
  readonly #source: BodySource
  readonly #ending: CallEnding
  #sink: BodySink | undefined = undefined
  /** Said in place of everything that has not been sent yet. */
  #lastWords: HeaderList | undefined = undefined

  constructor(source: BodySource, ending: CallEnding) {
    this.#source = source
    this.#ending = ending
  }

  start(sink: BodySink): void {
    if (this.#lastWords !== undefined) return sink.end(this.#lastWords)
    this.#sink = sink
    this.#source.start(this)
  }

  resume(): void {
    if (this.#sink !== undefined) this.#source.resume()
  }

  cancel(error?: unknown): void {
    if (this.#lastWords !== undefined) return
    this.#sink = undefined
    this.#source.cancel(error)
    this.#ending.abandoned()
  }

  /** Ends now, with these trailers. */
  stop(error: unknown, trailers: HeaderList): void {
    const sink = this.#sink
    this.#sink = undefined
    this.#lastWords = trailers
    this.#source.cancel(error)
    sink?.end(trailers)
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#sink?.write(bytes, start, end) ?? false
  }

  end(trailers: HeaderList | undefined): void {
    const sink = this.#sink
    this.#sink = undefined
    const last = this.#ending.ended(trailers)
    sink?.end(last)
  }

  fail(error: unknown): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.end(this.#ending.broke(error))
  }
}
