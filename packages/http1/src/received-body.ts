import type { BodySink, BodySource, HeaderList } from '@gatewright/kernel'
import type { BodyDecoder } from './body-decoder.ts'

/** The connection on which a body arrives. */
export interface BodyHost {
  /** Somebody began to take the body. */
  onBodyStarted(): void
  /** Nobody takes bytes at the moment, or somebody does again. */
  onBodyPaused(paused: boolean): void
  /** The body is complete. What the peer sent after it is valid during the call. */
  onBodyEnded(buf: Buffer, start: number, end: number): void
  /** The bytes are no body: a fault of `faults.ts`. Answer by {@link ReceivedBody.fail}. */
  onBodyFault(fault: number): void
  /** The consumer wants no more. */
  onBodyCancelled(): void
}

const nothing = Buffer.alloc(0)

/**
 * A body on its way from a wire to a sink. Bytes that arrive while a sink takes them pass through
 * in the callback that read them; others are kept, at most what was read before the wire paused.
 */
export class ReceivedBody implements BodySource {
  readonly length: number | undefined
  readonly #decoder: BodyDecoder
  readonly #host: BodyHost
  #sink: BodySink | undefined = undefined
  #started = false
  #paused = false
  /** True while the wire is asked to read nothing. */
  #holds = false
  #feeding = false
  #done = false
  #closing = false
  #failure: { readonly error: unknown } | undefined = undefined
  /** Bytes that were offered or kept and not decoded yet. */
  #buf: Buffer = nothing
  #start = 0
  #end = 0

  constructor(decoder: BodyDecoder, host: BodyHost) {
    this.#decoder = decoder
    this.#host = host
    this.length = decoder.length
  }

  /** True once all of it was received and decoded, or it failed or was given up. */
  get done(): boolean {
    return this.#done
  }

  /** True once somebody takes it. */
  get started(): boolean {
    return this.#started
  }

  /** True while the sink asks for a pause. */
  get paused(): boolean {
    return this.#paused
  }

  /** Bytes still to come, if that is known. */
  get remaining(): number | undefined {
    return this.#decoder.remaining
  }

  start(sink: BodySink): void {
    this.#started = true
    this.#sink = sink
    this.#host.onBodyStarted()
    if (this.#failure !== undefined) return this.#deliverFailure(this.#failure.error)
    this.#goOn()
  }

  resume(): void {
    if (!this.#paused || this.#done) return
    this.#paused = false
    this.#goOn()
  }

  cancel(): void {
    this.#sink = undefined
    if (this.#done) return
    this.#done = true
    this.#forget()
    this.#holdWire(false)
    this.#host.onBodyCancelled()
  }

  /** Bytes that were just read; they are taken now or copied by {@link ReceivedBody.keep}. */
  offer(buf: Buffer, start: number, end: number): void {
    if (this.#done) return
    if (this.#start < this.#end) return this.#append(buf, start, end)
    this.#buf = buf
    this.#start = start
    this.#end = end
    if (this.#started) this.#feed()
  }

  /** Ends the callback that read what was offered: what nobody took is copied. */
  keep(): void {
    if (this.#done || this.#start === this.#end) return this.#forget()
    this.#buf = Buffer.from(this.#buf.subarray(this.#start, this.#end))
    this.#start = 0
    this.#end = this.#buf.length
    this.#holdWire(true)
  }

  /** The peer sends no more: the end of a body without a length, else a cut one. */
  close(error: unknown): void {
    if (this.#done) return
    if (!this.#decoder.endsWithConnection) return this.fail(error)
    this.#closing = true
    // What was kept is still to be taken.
    if (this.#start === this.#end) this.#finish(undefined)
  }

  /** The body will not be complete. */
  fail(error: unknown): void {
    if (this.#done) return
    this.#done = true
    this.#failure = { error }
    this.#forget()
    this.#holdWire(false)
    this.#deliverFailure(error)
  }

  /** Takes what was kept, and then what comes. */
  #goOn(): void {
    this.#feed()
    if (!this.#paused && !this.#done) this.#holdWire(false)
  }

  #holdWire(hold: boolean): void {
    if (this.#holds === hold) return
    this.#holds = hold
    this.#host.onBodyPaused(hold)
  }

  #deliverFailure(error: unknown): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.fail(error)
  }

  #append(buf: Buffer, start: number, end: number): void {
    const rest = this.#buf.subarray(this.#start, this.#end)
    this.#buf = Buffer.concat([rest, buf.subarray(start, end)])
    this.#start = 0
    this.#end = this.#buf.length
  }

  #feed(): void {
    // A sink may resume or cancel while it takes bytes.
    if (this.#feeding) return
    this.#feeding = true
    while (!this.#done && !this.#paused && this.#start < this.#end) {
      const used = this.#decoder.decode(this.#buf, this.#start, this.#end, this)
      if (this.#done) break
      if (used < 0) {
        this.#feeding = false
        return this.#host.onBodyFault(used)
      }
      this.#start += used
      if (this.#decoder.complete) break
    }
    this.#feeding = false
    if (this.#done) return
    if (this.#decoder.complete) this.#finish(this.#decoder.trailers)
    else if (this.#closing && this.#start === this.#end) this.#finish(undefined)
  }

  /** Data of the body, from the decoder. @internal */
  onData(buf: Buffer, start: number, end: number): void {
    if (this.#sink?.write(buf, start, end) !== false || this.#paused || this.#done) return
    this.#paused = true
    this.#holdWire(true)
  }

  #finish(trailers: HeaderList | undefined): void {
    this.#done = true
    const sink = this.#sink
    this.#sink = undefined
    const buf = this.#buf
    const start = this.#start
    const end = this.#end
    this.#forget()
    this.#holdWire(false)
    this.#host.onBodyEnded(buf, start, end)
    sink?.end(trailers)
  }

  #forget(): void {
    this.#buf = nothing
    this.#start = 0
    this.#end = 0
  }
}
