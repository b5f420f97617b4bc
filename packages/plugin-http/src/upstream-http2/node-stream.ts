import type { ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2'
import { addAbortSignal, Readable } from 'node:stream'
import type { Http2Stream, StreamFailure, StreamHost } from './engine.ts'

const endStreamFlag = 1
/**
 * What Node takes for a cancellation: it resets a stream that is destroyed with it with CANCEL, and
 * does nothing else. One that is closed with that code gets the end of its body first, so that the
 * server would take a cut request for a whole one.
 */
const cancelled = addAbortSignal(AbortSignal.abort(), new Readable().on('error', ignore)).errored

/** What a stream asks of its session. */
export interface StreamOwner {
  /** What it means that a stream was closed by `error`, or by a reset if there is none. */
  failureOf(stream: ClientHttp2Stream, error: Error | undefined): StreamFailure
  /** The stream does not count any more. */
  forget(): void
}

/** One stream of `node:http2`. */
export class NodeHttp2Stream implements Http2Stream {
  readonly #stream: ClientHttp2Stream
  readonly #owner: StreamOwner
  /** `undefined` once it wants to hear no more. */
  #host: StreamHost | undefined
  /** The request is complete. */
  #sent: boolean
  /** The host knows that the response is complete. */
  #told = false
  /** What the host is to be told after that. */
  #late: StreamFailure | undefined = undefined
  /** The host takes the body. */
  #flowing = false
  #listening = false
  /** All of the response has come. */
  #complete = false
  /** Node has handed out all of it. */
  #drained = false
  /** What came of a complete response while the host did not take it. */
  #rest: Uint8Array[] = []
  #trailers: string[] | undefined = undefined
  #lastWords: string[] | undefined = undefined
  #error: Error | undefined = undefined

  /** @param sent True if the request has no body. */
  constructor(stream: ClientHttp2Stream, sent: boolean, host: StreamHost, owner: StreamOwner) {
    this.#stream = stream
    this.#sent = sent
    this.#host = host
    this.#owner = owner
    this.#watchEnd()
    stream.on('headers', this.#onHeaders)
    stream.on('response', this.#onResponse)
    stream.on('trailers', (_fields, _flags, raw?: string[]) => (this.#trailers = raw))
    stream.on('end', this.#onEnd)
    stream.on('drain', () => this.#host?.onWritable())
    stream.on('wantTrailers', () => stream.sendTrailers(objectOf(this.#lastWords)))
    stream.on('error', (error: Error) => (this.#error = error))
    stream.on('close', this.#onClose)
  }

  write(bytes: Uint8Array): boolean {
    const stream = this.#stream
    return stream.writable && stream.write(bytes)
  }

  end(trailers: string[] | undefined): void {
    this.#lastWords = trailers
    this.#sent = true
    this.#stream.end()
  }

  resume(): void {
    this.#flowing = true
    while (this.#rest.length > 0 && this.#flowing) {
      const bytes = this.#rest.shift()
      if (bytes !== undefined) this.#host?.onData(bytes)
    }
    if (!this.#flowing) return
    if (this.#drained) this.#tellEnd()
    else this.#listen()
  }

  pause(): void {
    this.#flowing = false
    if (!this.#complete) this.#stream.pause()
  }

  cancel(): void {
    this.#host = undefined
    this.#rest = []
    this.#stream.destroy(cancelled ?? undefined)
  }

  /**
   * Node ends a stream that was reset without an error, or whose connection was closed, like one
   * that is complete. Only while it hands over the end, what ended the stream can be told: a stream
   * is not closed yet by the frame that completes the response.
   */
  #watchEnd(): void {
    const stream = this.#stream
    const push = stream.push.bind(stream)
    stream.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
      if (chunk !== null || stream.closed || this.#complete) return push(chunk, encoding)
      this.#complete = true
      const more = push(null)
      // The session may end before somebody takes the rest, and take what Node has along.
      if (!this.#flowing) this.#listen()
      return more
    }
  }

  #listen(): void {
    if (this.#listening) return void this.#stream.resume()
    this.#listening = true
    this.#stream.on('data', this.#onData)
  }

  readonly #onData = (bytes: Uint8Array): void => {
    if (this.#flowing) this.#host?.onData(bytes)
    else if (this.#host !== undefined) this.#rest.push(bytes)
  }

  readonly #onHeaders = (fields: IncomingHttpHeaders, _flags: number, raw?: string[]): void => {
    const status = fields[':status']
    if (status !== undefined) this.#host?.onInterim(Number(status), plainFields(raw))
  }

  readonly #onResponse = (fields: IncomingHttpHeaders, flags: number, raw?: string[]): void => {
    const ended = (flags & endStreamFlag) !== 0
    this.#told = ended
    this.#host?.onHead(Number(fields[':status']), plainFields(raw), ended)
  }

  readonly #onEnd = (): void => {
    if (!this.#complete) return
    this.#drained = true
    if (this.#flowing && this.#rest.length === 0) this.#tellEnd()
  }

  readonly #onClose = (): void => {
    this.#owner.forget()
    if (this.#complete && this.#sent) return
    const failure = this.#owner.failureOf(this.#stream, this.#error)
    if (this.#complete && !this.#told) this.#late = failure
    else this.#tellFailure(failure)
  }

  #tellEnd(): void {
    if (this.#told) return
    this.#told = true
    this.#host?.onEnd(this.#trailers)
    if (this.#late !== undefined) this.#tellFailure(this.#late)
  }

  #tellFailure(failure: StreamFailure): void {
    const host = this.#host
    this.#host = undefined
    host?.onFailure(failure)
  }
}

/** Without `:status`, which comes first. */
function plainFields(raw: string[] | undefined): string[] {
  return raw === undefined ? [] : raw.slice(2)
}

/** Node takes trailers in this form only. */
function objectOf(fields: readonly string[] = []): OutgoingHttpHeaders {
  const object: Record<string, string[]> = {}
  for (let i = 0; i < fields.length; i += 2) {
    const values = (object[fields[i] ?? ''] ??= [])
    values.push(fields[i + 1] ?? '')
  }
  return object
}

function ignore(): void {
  // It is what was asked for.
}
