import type { BodySink, BodySource, HeaderList } from '@gatewright/kernel'
import type { Http2Stream } from './engine.ts'

/** Told what becomes of a response body. */
export interface StreamBodyHost {
  /** Somebody began to take it, or takes it again. */
  onBodyAwaited(): void
  /** Nobody wants the rest. */
  onBodyCancelled(): void
}

/** The body of a response, which flow control stops while nobody takes it. */
export class StreamBody implements BodySource {
  readonly length: number | undefined
  readonly #stream: Http2Stream
  readonly #host: StreamBodyHost
  #sink: BodySink | undefined = undefined
  #state: 'new' | 'flowing' | 'paused' | 'done' = 'new'
  #taken = 0
  /** For a sink that comes too late. */
  #failure: { readonly error: unknown } | undefined = undefined

  constructor(stream: Http2Stream, length: number | undefined, host: StreamBodyHost) {
    this.#stream = stream
    this.#host = host
    this.length = length
  }

  /** True while bytes are waited for that somebody wants. */
  get awaited(): boolean {
    return this.#state === 'flowing'
  }

  /** True if as much of it has come as its length says. */
  get whole(): boolean {
    return this.#taken === this.length
  }

  start(sink: BodySink): void {
    if (this.#failure !== undefined) return sink.fail(this.#failure.error)
    this.#sink = sink
    this.#goOn()
  }

  resume(): void {
    if (this.#state === 'paused') this.#goOn()
  }

  cancel(): void {
    if (this.#state === 'done') return
    this.#finish()
    this.#host.onBodyCancelled()
  }

  /** Bytes of it have come. */
  take(bytes: Uint8Array): void {
    this.#taken += bytes.length
    if (this.#sink?.write(bytes, 0, bytes.length) !== false || this.#state !== 'flowing') return
    this.#state = 'paused'
    this.#stream.pause()
  }

  end(trailers: HeaderList | undefined): void {
    this.#finish()?.end(trailers)
  }

  /** It will not be complete. */
  fail(error: unknown): void {
    if (this.#state === 'done') return
    this.#failure = { error }
    this.#finish()?.fail(error)
  }

  #goOn(): void {
    this.#state = 'flowing'
    this.#host.onBodyAwaited()
    this.#stream.resume()
  }

  #finish(): BodySink | undefined {
    const sink = this.#sink
    this.#sink = undefined
    this.#state = 'done'
    return sink
  }
}
