/**
 * How the bytes of a message body move.
 *
 * A protocol hands a body over as a {@link BodySource} and takes one by giving it a
 * {@link BodySink}: bytes go from socket to socket inside one callback, with back-pressure, and no
 * stream object exists. Only a plugin that reads `.body` of a message makes it into a `Readable`.
 *
 * @module
 */
import { Readable } from 'node:stream'
import { problemOf } from './gateway-error.ts'
import type { HeaderList } from './headers.ts'

/** What a plugin may give as a body. `null` means that there is none, which differs from empty. */
export type Body = Readable | Uint8Array | string | null

/** Takes the bytes of one body. Never throws. */
export interface BodySink {
  /**
   * Takes `bytes[start, end)`, which are valid only during the call: write or copy them.
   * @returns False if the source must pause until {@link BodySource.resume}.
   */
  write(bytes: Uint8Array, start: number, end: number): boolean
  /** The body is complete. `trailers` are filtered by whoever writes them (RFC 9110 section 6.5). */
  end(trailers: HeaderList | undefined): void
  /** The body will never be complete; called instead of `end`. */
  fail(error: unknown): void
}

/** Gives the bytes of one body, once. Nothing is called back after `end`, `fail` or `cancel`. */
export interface BodySource {
  /** Bytes to come if that is known before the first of them. */
  readonly length: number | undefined
  /** Begins; may call the sink at once. Called at most once. */
  start(sink: BodySink): void
  /** The sink can take more after its `write` returned false. */
  resume(): void
  /** Nobody wants the rest. Allowed before `start`, and after the end without effect. */
  cancel(error?: unknown): void
}

/** How a body ended. */
export type BodyOutcome =
  | { readonly trailers: HeaderList | undefined }
  | { readonly error: unknown }

/** Passes an outcome on. */
export function tell(sink: BodySink | undefined, outcome: BodyOutcome): void {
  if ('error' in outcome) sink?.fail(outcome.error)
  else sink?.end(outcome.trailers)
}

/** Tells a source from the other forms of a body. */
export function isBodySource(value: unknown): value is BodySource {
  return (
    typeof value === 'object' &&
    value !== null &&
    'cancel' in value &&
    'start' in value &&
    typeof value.start === 'function'
  )
}

/** Makes a source of any form of body. `undefined` if there is none. */
export function sourceOf(body: Body | BodySource): BodySource | undefined {
  if (body === null) return undefined
  if (isBodySource(body)) return body
  if (typeof body === 'string') return new BytesSource(Buffer.from(body))
  if (body instanceof Uint8Array) return new BytesSource(body)
  return new StreamSource(body)
}

/** A body that is already there. */
export class BytesSource implements BodySource {
  readonly #bytes: Uint8Array
  #sink: BodySink | undefined = undefined

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get length(): number {
    return this.#bytes.length
  }

  start(sink: BodySink): void {
    const { length } = this.#bytes
    this.#sink = sink
    if (length > 0 && !sink.write(this.#bytes, 0, length)) return
    this.resume()
  }

  resume(): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.end(undefined)
  }

  cancel(): void {
    this.#sink = undefined
  }
}

/** A body that a plugin gave as a stream. */
export class StreamSource implements BodySource {
  readonly length = undefined
  readonly #stream: Readable
  #sink: BodySink | undefined = undefined

  constructor(stream: Readable) {
    this.#stream = stream
  }

  start(sink: BodySink): void {
    const stream = this.#stream
    this.#sink = sink
    if (stream.errored !== null) return this.#fail(stream.errored)
    // Its end has been told already, so it would be waited for in vain.
    if (stream.readableEnded || stream.destroyed) {
      return this.#fail(new Error('the stream was read or closed before it was sent'))
    }
    stream.on('end', () => this.#end())
    stream.on('error', (error) => this.#fail(error))
    stream.on('close', () => this.#fail(new Error('the stream was closed before its end')))
    stream.on('data', (chunk: unknown) => this.#write(chunk))
    stream.resume()
  }

  resume(): void {
    this.#stream.resume()
  }

  cancel(): void {
    this.#sink = undefined
    // A stream that is destroyed while it waits for us may still report that as an error.
    ignoreErrors(this.#stream)
    this.#stream.destroy()
  }

  #write(chunk: unknown): void {
    const stream = this.#stream
    const encoding = stream.readableEncoding ?? 'utf8'
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
    if (!(bytes instanceof Uint8Array)) return void stream.destroy(new TypeError('not bytes'))
    if (this.#sink?.write(bytes, 0, bytes.length) === false) stream.pause()
  }

  #end(): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.end(this.#stream instanceof SourceStream ? this.#stream.trailers : undefined)
  }

  #fail(error: unknown): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.fail(error)
  }
}

/** A source as a stream, for plugins that want to read. Copies, since bytes live for one call. */
export class SourceStream extends Readable {
  /** What came after the body, once the stream has ended. */
  trailers: HeaderList | undefined = undefined
  readonly #source: BodySource
  #state: 'new' | 'flowing' | 'paused' | 'ended' = 'new'

  constructor(source: BodySource) {
    super()
    this.#source = source
    ignoreErrors(this)
  }

  override _read(): void {
    if (this.#state === 'new') this.#start()
    else if (this.#state === 'paused') {
      this.#state = 'flowing'
      this.#source.resume()
    }
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (this.#state !== 'ended') this.#source.cancel(error ?? undefined)
    callback(error)
  }

  #start(): void {
    this.#state = 'flowing'
    this.#source.start({
      write: (bytes, start, end) => {
        const more = this.push(Buffer.from(bytes.subarray(start, end)))
        if (!more) this.#state = 'paused'
        return more
      },
      end: (trailers) => {
        this.#state = 'ended'
        this.trailers = trailers
        this.push(null)
      },
      fail: (error) => {
        this.#state = 'ended'
        this.destroy(error instanceof Error ? error : new Error(problemOf(error)))
      },
    })
  }
}

/** An error that nobody listens to would end the process; whoever reads the stream is told. */
export function ignoreErrors(stream: Readable): void {
  if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore)
}

function ignore(): void {
  // See `ignoreErrors`.
}
