import { type BodySink, type BodySource, HeaderList } from '@gatewright/kernel'
import type { Http2Stream } from './codec.ts'

/** Told what becomes of a request body. */
export interface StreamBodyHost {
  /** Somebody began to take the body. */
  onBodyStarted(): void
  /** Bytes are waited for, or no more. */
  onBodyMoved(): void
}

/** A request body on its way from a stream to a sink. Nothing is read that the sink did not ask for. */
export class StreamBody implements BodySource {
  readonly length: number | undefined
  readonly #stream: Http2Stream
  readonly #host: StreamBodyHost
  #sink: BodySink | undefined = undefined
  #started = false
  #paused = false
  #done = false
  /** For a sink that comes too late. */
  #failure: { readonly error: unknown } | undefined = undefined

  constructor(stream: Http2Stream, contentLength: number, host: StreamBodyHost) {
    this.#stream = stream
    this.#host = host
    this.length = contentLength < 0 ? undefined : contentLength
  }

  /** True once all of it was received, or it failed. */
  get done(): boolean {
    return this.#done
  }

  /** True while bytes are waited for that somebody wants. */
  get awaited(): boolean {
    return this.#sink !== undefined && !this.#paused
  }

  start(sink: BodySink): void {
    if (this.#failure !== undefined) return sink.fail(this.#failure.error)
    this.#sink = sink
    this.#started = true
    this.#host.onBodyStarted()
    this.#stream.read()
  }

  resume(): void {
    if (!this.#paused || this.#done) return
    this.#paused = false
    this.#stream.read()
    this.#host.onBodyMoved()
  }

  /** The client sends as much as its window allows; the end of the response is the end of that. */
  cancel(): void {
    this.#sink = undefined
    if (this.#done) return
    if (this.#started) this.#stream.pause()
    this.#host.onBodyMoved()
  }

  /** Bytes of the stream. */
  write(bytes: Buffer): void {
    const sink = this.#sink
    if (sink === undefined) return
    // A sink may cancel while it takes bytes.
    if (!sink.write(bytes, 0, bytes.length) && sink === this.#sink) {
      this.#paused = true
      this.#stream.pause()
    }
    this.#host.onBodyMoved()
  }

  /** The client has ended its side. */
  end(trailers: readonly string[] | undefined): void {
    const sink = this.#finish()
    // A list of its own, which nobody else has.
    sink?.end(trailers === undefined ? undefined : new HeaderList([...trailers]))
  }

  /** The body will not be complete. */
  fail(error: unknown): void {
    if (this.#done) return
    this.#failure = { error }
    this.#finish()?.fail(error)
  }

  #finish(): BodySink | undefined {
    const sink = this.#sink
    this.#sink = undefined
    this.#done = true
    return sink
  }
}
