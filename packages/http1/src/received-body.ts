import { type BodySink, type BodySource, errors, type HeaderList } from '@gatewright/kernel'
import type { BodyDecoder } from './body-decoder.ts'

/** The connection on which a body arrives. */
export interface BodyHost {
  /** Somebody began to take the body. */
  onBodyStarted(): void
  /** Nobody takes bytes at the moment, or somebody does again. */
  onBodyPaused(paused: boolean): void
  /** The body is complete. What the peer sent after it is valid during the call. */
  onBodyEnded(buf: Buffer, start: number, end: number): void
  /** The bytes are no body: a fault of `faults.ts`. Answer by its `fail`. */
  onBodyFault(fault: number): void
  /**
   * The consumer wants no more.
   * @param error Why, if something went wrong.
   * @returns How much of the rest is to be read and thrown away, so that what follows it is found.
   */
  onBodyCancelled(error: unknown): number
  /** More than that came. The end of the body will not be found. */
  onBodyGivenUp(): void
}

const nothing = Buffer.alloc(0)
/** What is kept of a body that nobody takes yet before the wire pauses. */
const maxKeptBytes = 64 * 1024

/**
 * A body on its way from a wire to a sink. Bytes that arrive while a sink takes them pass through
 * in the callback that read them; others are kept, up to a bound at which the wire pauses.
 */
export class ReceivedBody implements BodySource {
  readonly length: number | undefined
  /** Bytes of it that came so far and were wanted, or thrown away. */
  received = 0
  readonly #decoder: BodyDecoder
  readonly #host: BodyHost
  #sink: BodySink | undefined = undefined
  /** Somebody takes the bytes, or they are thrown away. */
  #started = false
  /** The sink asked for a pause. */
  #paused = false
  /** The wire was asked to read nothing. */
  #holding = false
  #feeding = false
  #done = false
  /** Nobody wants the bytes, but what comes after them. */
  #discarding = false
  /** How much may still be thrown away. */
  #discardable = 0
  /** For a sink that comes too late. */
  #failure: { readonly error: unknown } | undefined = undefined
  /** The wire is closed; what failed if more was to come. */
  #closed: { readonly error: unknown; readonly cut: boolean } | undefined = undefined
  /** Bytes that were offered or kept and not decoded yet. */
  #buf: Buffer = nothing
  #start = 0
  #end = 0
  /** The bytes are a copy, so they stay. */
  #kept = false

  constructor(decoder: BodyDecoder, host: BodyHost) {
    this.#decoder = decoder
    this.#host = host
    this.length = decoder.length
  }

  /** True once all of it was received and decoded, or it failed or was given up. */
  get done(): boolean {
    return this.#done
  }

  /** True once somebody takes it, or it is thrown away. */
  get started(): boolean {
    return this.#started
  }

  /** True while bytes are waited for that somebody wants. */
  get awaited(): boolean {
    return this.#started && !this.#holding && !this.#done
  }

  /** True once a byte of it has arrived. */
  get arrived(): boolean {
    return this.#start < this.#end || this.#decoder.remaining !== this.length
  }

  /** Bytes that have come and are kept as they are. */
  get unread(): number {
    return this.#end - this.#start
  }

  /** Bytes still to come, if that is known. */
  get remaining(): number | undefined {
    return this.#decoder.remaining
  }

  start(sink: BodySink): void {
    this.#started = true
    if (this.#failure !== undefined) return sink.fail(this.#failure.error)
    this.#sink = sink
    this.#host.onBodyStarted()
    this.#goOn()
  }

  resume(): void {
    if (!this.#paused || this.#done) return
    this.#paused = false
    this.#goOn()
  }

  cancel(error?: unknown): void {
    this.#sink = undefined
    if (this.#done || this.#discarding) return
    const discardable = this.#host.onBodyCancelled(error)
    if (discardable > 0) this.discard(discardable)
    else this.#stop()
  }

  /** Reads and throws away the rest, up to a bound. Whoever takes it at present gets no more. */
  discard(maxBytes: number): void {
    if (this.#done) return
    this.#discarding = true
    this.#discardable = maxBytes
    this.#started = true
    this.#paused = false
    this.#takeSink()?.fail(errors.GW_BODY_ABORTED())
    this.#goOn()
  }

  /** Bytes that were just read; they are taken now or copied by {@link ReceivedBody.keep}. */
  offer(buf: Buffer, start: number, end: number): void {
    if (this.#done) return
    if (this.#start < this.#end) this.#append(buf, start, end)
    else this.#setBytes(buf, start, end, false)
    if (this.#started) this.#feed()
  }

  /** Ends the callback that read what was offered: what nobody took is copied. */
  keep(): void {
    if (this.#done || this.#start === this.#end) return this.#forget()
    if (!this.#kept) {
      const copy = Buffer.from(this.#buf.subarray(this.#start, this.#end))
      this.#setBytes(copy, 0, copy.length, true)
    }
    if (this.#paused || this.#end - this.#start >= maxKeptBytes) this.#hold(true)
  }

  /**
   * The peer sends no more: the end of a body without a length, else a cut one.
   * @param cut The connection was lost rather than closed, so that no end can be relied on (RFC 9112
   * section 8).
   */
  close(error: unknown, cut: boolean): void {
    if (this.#done) return
    this.#closed = { error, cut }
    // What was kept is still to be taken, and may be all that was missing.
    if (this.#start === this.#end) this.#finishClosed()
  }

  /** True if {@link ReceivedBody.close} would make it fail. */
  isCutBy(cut: boolean): boolean {
    if (this.#done || this.#start < this.#end) return false
    return cut || !this.#decoder.endsWithConnection
  }

  /** The body will not be complete. */
  fail(error: unknown): void {
    if (this.#done) return
    this.#failure = { error }
    const sink = this.#takeSink()
    this.#stop()
    sink?.fail(error)
  }

  /** Data of the body, from the decoder. @internal */
  onData(buf: Buffer, start: number, end: number): void {
    if (this.#done) return
    this.received += end - start
    const sink = this.#sink
    if (sink === undefined) return this.#drop(end - start)
    // A sink may cancel while it takes bytes.
    if (sink.write(buf, start, end) || sink !== this.#sink) return
    this.#paused = true
    this.#hold(true)
  }

  #drop(size: number): void {
    this.#discardable -= size
    if (this.#discardable >= 0) return
    this.#stop()
    this.#host.onBodyGivenUp()
  }

  #goOn(): void {
    this.#feed()
    if (!this.#paused && !this.#done) this.#hold(false)
  }

  #feed(): void {
    // A sink may resume or cancel while it takes bytes.
    if (this.#feeding) return
    this.#feeding = true
    const fault = this.#decode()
    this.#feeding = false
    if (fault < 0) return this.#host.onBodyFault(fault)
    if (this.#done) return
    if (this.#decoder.complete) return this.#finish(this.#decoder.trailers)
    if (this.#closed !== undefined && this.#start === this.#end) this.#finishClosed()
  }

  /** Decodes what is there, as far as it is wanted. Returns 0 or a fault. */
  #decode(): number {
    const decoder = this.#decoder
    while (!this.#paused && !decoder.complete && this.#start < this.#end) {
      const used = decoder.decode(this.#buf, this.#start, this.#end, this)
      if (this.#done) return 0
      if (used < 0) return used
      this.#start += used
    }
    return 0
  }

  #finish(trailers: HeaderList | undefined): void {
    const sink = this.#takeSink()
    const buf = this.#buf
    const start = this.#start
    const end = this.#end
    this.#stop()
    this.#host.onBodyEnded(buf, start, end)
    sink?.end(trailers)
  }

  #finishClosed(): void {
    const closed = this.#closed
    if (closed?.cut === true || !this.#decoder.endsWithConnection) return this.fail(closed?.error)
    // Otherwise whoever starts gets the end.
    if (this.#started) this.#finish(undefined)
  }

  #takeSink(): BodySink | undefined {
    const sink = this.#sink
    this.#sink = undefined
    return sink
  }

  /** Nothing more is taken from the wire. */
  #stop(): void {
    this.#done = true
    this.#forget()
    this.#hold(false)
  }

  #hold(holding: boolean): void {
    if (this.#holding === holding) return
    this.#holding = holding
    this.#host.onBodyPaused(holding)
  }

  #append(buf: Buffer, start: number, end: number): void {
    const rest = this.#buf.subarray(this.#start, this.#end)
    const whole = Buffer.concat([rest, buf.subarray(start, end)])
    this.#setBytes(whole, 0, whole.length, true)
  }

  #forget(): void {
    this.#setBytes(nothing, 0, 0, false)
  }

  #setBytes(buf: Buffer, start: number, end: number, kept: boolean): void {
    this.#buf = buf
    this.#start = start
    this.#end = end
    this.#kept = kept
  }
}
