import type { ServerHttp2Stream } from 'node:http2'
import { addAbortSignal } from 'node:stream'
import { ErrorCode, type Http2Stream, type Http2StreamHost } from './codec.ts'

/** Node's stream with what it belongs to; a property costs less than a closure for each event. */
interface HostedStream extends ServerHttp2Stream {
  gatewright: NodeStream
}

/** What is destroyed because of it says CANCEL. */
const aborted = AbortSignal.abort()

// Otherwise Node would add a date to what a server has not dated.
const onlyHead = { endStream: true, sendDate: false }
const headAndBody = { endStream: false, sendDate: false }
const headAndTrailers = { waitForTrailers: true, sendDate: false }

/** One stream of `node:http2`. */
export class NodeStream implements Http2Stream {
  readonly #stream: HostedStream
  #host: Http2StreamHost | undefined = undefined
  /** The client has ended its side, as far as was told. */
  #ended: boolean
  #reading = false
  #trailers: readonly string[] | undefined = undefined
  /** What is to be sent when the body is out. */
  #ownTrailers: readonly string[] | undefined = undefined
  #hasTrailers = false
  /** The rest of the request is unwanted as soon as the trailers are out. */
  #refusing = false
  /** Whoever ended the stream is not told of it before that call is over. */
  #resetting = false
  #closed = false

  constructor(stream: ServerHttp2Stream, ended: boolean) {
    // The property is set here.
    this.#stream = stream as HostedStream
    this.#stream.gatewright = this
    this.#ended = ended
  }

  get aborted(): boolean {
    return this.#stream.destroyed || this.#stream.aborted
  }

  /** Tells the host of everything from now on. */
  begin(host: Http2StreamHost): void {
    const stream = this.#stream
    this.#host = host
    stream.on('error', ignore)
    stream.on('aborted', onAborted)
    stream.on('close', onClose)
    if (!this.#ended) stream.on('trailers', onTrailers)
    if (this.aborted) this.onClose()
  }

  respond(fields: string[], last: boolean, hasTrailers: boolean): void {
    const stream = this.#stream
    if (this.#closed || stream.closed) return
    stream.respond(fields, last ? onlyHead : hasTrailers ? headAndTrailers : headAndBody)
    this.#hasTrailers = hasTrailers
    if (hasTrailers) stream.on('wantTrailers', onWantTrailers)
    if (!last) stream.on('drain', onDrain)
  }

  inform(status: number, fields: readonly string[]): void {
    if (this.#closed || this.#stream.closed || this.#stream.headersSent) return
    this.#stream.additionalHeaders({ ':status': status, ...fieldsObject(fields) })
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#closed || this.#stream.closed) return false
    return this.#stream.write(Buffer.from(bytes.subarray(start, end)))
  }

  end(trailers: readonly string[] | undefined): void {
    this.#ownTrailers = trailers
    if (!this.#closed) this.#stream.end()
  }

  read(): void {
    if (this.#closed || this.#ended) return
    const stream = this.#stream
    if (this.#reading) return void stream.resume()
    this.#reading = true
    stream.on('data', onData)
    stream.on('end', onEnd)
  }

  pause(): void {
    this.#stream.pause()
  }

  refuseRest(): void {
    const stream = this.#stream
    if (this.#closed || this.#ended) return
    this.#ended = true
    // Of a stream that is closed Node sends no trailers.
    if (this.#hasTrailers) this.#refusing = true
    else setImmediate(closeLater, stream)
    // Otherwise it would not end, since there is something to read.
    stream.resume()
  }

  reset(code: typeof ErrorCode.internal | typeof ErrorCode.cancel): void {
    if (this.#closed || this.#resetting) return
    const stream = this.#stream
    this.#resetting = true
    // To close it would send the end of the body before the reset, so that some clients would take a
    // cut message for a whole one.
    if (code === ErrorCode.cancel) addAbortSignal(aborted, stream)
    else stream.destroy(new Error('reset'))
  }

  /** @internal */
  onData(bytes: Buffer): void {
    if (!this.#ended && !this.#closed) this.#host?.onData(bytes)
  }

  /** @internal */
  onEnd(): void {
    // A stream that was reset ends as well, which must not pass for the end of its body.
    if (this.#ended || this.#closed || this.#stream.aborted) return
    this.#ended = true
    this.#host?.onEnd(this.#trailers)
  }

  /** @internal */
  onTrailers(fields: readonly string[]): void {
    this.#trailers = fields
  }

  /** @internal */
  onWantTrailers(): void {
    const stream = this.#stream
    if (this.#closed || stream.closed) return
    stream.sendTrailers(fieldsObject(this.#ownTrailers ?? []))
    // They leave in an immediate as well.
    if (this.#refusing) setImmediate(closeLater, stream)
  }

  /** @internal */
  onDrain(): void {
    if (!this.#closed) this.#host?.onWritable()
  }

  /** @internal */
  onAborted(): void {
    if (!this.#resetting) this.onClose()
  }

  /** @internal */
  onClose(): void {
    if (this.#closed || this.#host === undefined) return
    this.#closed = true
    const code = this.#stream.rstCode ?? ErrorCode.cancel
    const cut = code === ErrorCode.none && this.#stream.aborted
    this.#host.onClosed(cut ? ErrorCode.cancel : code)
    // One that waits for somebody to read it would never go away.
    this.#stream.resume()
  }
}

// Each of these listens to streams that have the property.

function onData(this: unknown, bytes: Buffer): void {
  const stream = this as HostedStream
  stream.gatewright.onData(bytes)
}

function onEnd(this: unknown): void {
  const stream = this as HostedStream
  stream.gatewright.onEnd()
}

function onDrain(this: unknown): void {
  const stream = this as HostedStream
  stream.gatewright.onDrain()
}

function onAborted(this: unknown): void {
  const stream = this as HostedStream
  stream.gatewright.onAborted()
}

function onClose(this: unknown): void {
  const stream = this as HostedStream
  stream.gatewright.onClose()
}

function onWantTrailers(this: unknown): void {
  const stream = this as HostedStream
  stream.gatewright.onWantTrailers()
}

function onTrailers(
  this: unknown,
  _trailers: object,
  _flags: number,
  raw: readonly string[],
): void {
  const stream = this as HostedStream
  stream.gatewright.onTrailers(raw)
}

/** Once the response is on its way: some clients lose one that comes together with the reset. */
function closeLater(stream: ServerHttp2Stream): void {
  setImmediate(closeNow, stream)
}

function closeNow(stream: ServerHttp2Stream): void {
  stream.close(ErrorCode.none)
}

function ignore(): void {
  // The stream closes, which is all that matters.
}

function fieldsObject(fields: readonly string[]): Record<string, string | string[]> {
  const object: Record<string, string | string[]> = Object.create(null)
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? ''
    const value = fields[i + 1] ?? ''
    const known = object[name]
    if (known === undefined) object[name] = value
    else object[name] = Array.isArray(known) ? [...known, value] : [known, value]
  }
  return object
}
