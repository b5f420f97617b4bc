import { type BodySink, type BodySource, errors, type HeaderList } from '@gatewright/kernel'
import type { Http2Stream } from './engine.ts'
import { trailerFields } from './request-fields.ts'

/** Told how the sending of a request body goes. */
export interface UploadHost {
  /** Something moved, or the last of it was given to the stream. */
  onUploaded(): void
  /** The body broke off, so the request cannot be completed. */
  onUploadFailed(error: unknown): void
}

/** What is kept of a body for the case that the server refuses the stream without looking at it. */
const maxKeptBytes = 64 * 1024

/**
 * Sends the body of a request. What was sent is kept until the server answers, up to a bound: a
 * server that goes away refuses requests that it has not looked at, which cost nobody anything if
 * they can go to another connection (RFC 9113 section 8.7).
 */
export class Upload implements BodySink {
  readonly #source: BodySource
  #remaining: number | undefined
  #stream: Http2Stream | undefined = undefined
  #host: UploadHost | undefined = undefined
  #state: 'new' | 'busy' | 'sent' | 'failed' = 'new'
  /** Everything so far; `undefined` once that is too much, or not wanted any more. */
  #kept: Uint8Array[] | undefined = []
  #keptBytes = 0
  #trailers: string[] | undefined = undefined
  /** Why it failed. */
  #error: unknown = undefined
  /** The source was told to pause. */
  #waiting = false

  constructor(source: BodySource) {
    this.#source = source
    this.#remaining = source.length
  }

  /** True until the last byte was given to the stream. */
  get busy(): boolean {
    return this.#state === 'new' || this.#state === 'busy'
  }

  /** True while the server takes nothing. */
  get blocked(): boolean {
    return this.#waiting && this.#state === 'busy'
  }

  /** True if it can be sent once more from its beginning. */
  get repeatable(): boolean {
    return this.#kept !== undefined && this.#state !== 'failed'
  }

  /** True if trailers may come after it: one of known length has none. */
  get mayHaveTrailers(): boolean {
    return this.#source.length === undefined
  }

  /** Sends it on a stream, from the beginning. */
  sendOn(stream: Http2Stream, host: UploadHost): void {
    this.#stream = stream
    this.#host = host
    if (this.#state === 'new') {
      this.#state = 'busy'
      return this.#source.start(this)
    }
    if (this.#state === 'failed') return host.onUploadFailed(this.#error)
    let ready = true
    for (const bytes of this.#kept ?? []) ready = stream.write(bytes)
    if (this.#state === 'sent') stream.end(this.#trailers)
    else if (ready) this.onWritable()
  }

  /** The stream did not take it. Another one may. */
  detach(): void {
    this.#stream = undefined
    this.#host = undefined
  }

  /** The server has answered: nothing needs to be kept for another stream. */
  settle(): void {
    this.#kept = undefined
  }

  /** The stream takes bytes again. */
  onWritable(): void {
    if (!this.#waiting) return
    this.#waiting = false
    this.#host?.onUploaded()
    if (this.#state === 'busy') this.#source.resume()
  }

  /** Nobody will take the rest. */
  cancel(error: unknown): void {
    const { busy } = this
    this.#fail()
    if (busy) this.#source.cancel(error)
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#state !== 'busy') return false
    const size = end - start
    if (size === 0) return true
    if (this.#remaining !== undefined) {
      this.#remaining -= size
      if (this.#remaining < 0) return this.#break('the body is longer than its content-length')
    }
    // The engine writes after this call, so it gets a copy.
    const copy = Buffer.from(bytes.subarray(start, end))
    this.#keep(copy)
    if (this.#stream?.write(copy) === true) {
      this.#host?.onUploaded()
      return true
    }
    this.#waiting = true
    this.#host?.onUploaded()
    return false
  }

  end(trailers: HeaderList | undefined): void {
    if (this.#state !== 'busy') return
    if (this.#remaining !== undefined && this.#remaining > 0) {
      return void this.#break('the body is shorter than its content-length')
    }
    try {
      this.#trailers = trailerFields(trailers)
    } catch (error) {
      // A trailer that cannot be sent; the server must not take the message for a whole one.
      return this.fail(error)
    }
    this.#state = 'sent'
    this.#stream?.end(this.#trailers)
    this.#host?.onUploaded()
  }

  fail(error: unknown): void {
    const host = this.#host
    this.#error = error
    this.#fail()
    host?.onUploadFailed(error)
  }

  #keep(bytes: Uint8Array): void {
    this.#keptBytes += bytes.length
    // Between two streams nobody else has what still comes until the source pauses.
    const tooMuch = this.#keptBytes > maxKeptBytes && this.#stream !== undefined
    if (tooMuch) this.#kept = undefined
    else this.#kept?.push(bytes)
  }

  #break(problem: string): false {
    const error = errors.GW_INTERNAL({ problem })
    this.#source.cancel(error)
    this.fail(error)
    return false
  }

  #fail(): void {
    this.#state = 'failed'
    this.#kept = undefined
    this.detach()
  }
}
