import {
  type BodySink,
  type BodySource,
  type GatewayError,
  errors as kernelErrors,
  type UpgradedStream,
} from '@gatewright/kernel'
import type { Deadlines, Timed } from './deadlines.ts'
import type { Wire, WireHandler } from './wire/wire.ts'

const never = Number.POSITIVE_INFINITY
/** How long a peer that was told the end may take for its own. */
const lingerMs = 2000
/** After so much silence the system asks whether the peer is still there. */
const keepAliveMs = 15_000

/** Whose connection it was before it switched. None of these may throw. */
export interface SwitchHost {
  /** The peer broke off; what the other side is told. */
  onPeerLost(error: Error | undefined): GatewayError
  /** The other side broke off; the peer is told by a reset. */
  onOtherLost(error: unknown): void
  /** The connection is closed, for whatever reason. */
  onSwitchOver(): void
}

/**
 * A connection of HTTP/1.1 after it has switched to another protocol: what its peer says, and what
 * is said to it. Each direction ends by itself; the connection closes when both have.
 */
export class SwitchedWire implements WireHandler, UpgradedStream, BodySource, BodySink, Timed {
  dueAt: number = never
  readonly length = undefined
  /** Bytes that the peer said so far, and that were said to it. */
  heard = 0
  said = 0
  readonly #wire: Wire
  readonly #deadlines: Deadlines
  readonly #host: SwitchHost
  /** What the peer said before anybody could take it. */
  #early: Buffer | undefined
  /** Takes what the peer says. */
  #sink: BodySink | undefined = undefined
  #started = false
  #paused = true
  /** The peer says no more. */
  #heardEnd = false
  /** Gives what is said to the peer. */
  #other: BodySource | undefined = undefined
  #waiting = false
  /** The peer was told that no more comes. */
  #ended = false
  /** Given up: what the peer still says goes nowhere. */
  #lingering = false
  #closed = false
  /** Why it was given up. */
  #fault: unknown = undefined

  /** @param early What the peer sent behind the head with which it switched. */
  constructor(wire: Wire, early: Buffer | undefined, deadlines: Deadlines, host: SwitchHost) {
    this.#wire = wire
    this.#early = early
    this.#deadlines = deadlines
    this.#host = host
    wire.handler = this
    wire.keepAlive(keepAliveMs)
    wire.pause()
  }

  /** What the peer says. */
  get source(): BodySource {
    return this
  }

  /** Lets the peers of both talk to each other. */
  join(other: UpgradedStream): void {
    other.connect(this.source)
    this.connect(other.source)
  }

  /** Says to the peer what another one says. */
  connect(other: BodySource): void {
    if (this.#closed) return other.cancel(this.#fault)
    this.#other = other
    this.#wire.cork()
    other.start(this)
    this.#wire.uncork()
  }

  destroy(error?: unknown): void {
    if (this.#closed) return
    this.#fault ??= error
    if (this.#fault === undefined) this.#linger()
    else this.#wire.reset()
  }

  start(sink: BodySink): void {
    this.#started = true
    this.#sink = sink
    if (this.#closed) return this.#endSink()
    this.#flow()
  }

  resume(): void {
    if (this.#paused && this.#started) this.#flow()
  }

  cancel(error?: unknown): void {
    this.#sink = undefined
    this.#started = true
    // What was said completely needs nobody to stop it.
    if (!this.#heardEnd || this.#early !== undefined) this.destroy(error)
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#other === undefined) return false
    this.said += end - start
    const ready = this.#wire.write(bytes, start, end)
    if (!ready) this.#waiting = true
    return ready
  }

  end(): void {
    if (this.#other === undefined) return
    this.#other = undefined
    this.#sendEnd()
    this.#closeIfDone()
  }

  fail(error: unknown): void {
    if (this.#other === undefined) return
    this.#other = undefined
    // Whoever hears of it may give the connection up, which must not look like an end in order.
    this.#fault ??= error ?? kernelErrors.GW_BODY_ABORTED()
    this.#host.onOtherLost(error)
    this.destroy()
  }

  onBytes(buf: Buffer, start: number, end: number): void {
    if (this.#lingering) return
    if (this.#paused) return this.#keep(buf, start, end)
    this.heard += end - start
    if (this.#sink?.write(buf, start, end) === false) this.#pause()
  }

  onEnd(): void {
    this.#heardEnd = true
    if (this.#lingering) return this.#wire.destroy()
    if (this.#early === undefined && this.#started) this.#endSink()
  }

  onBlocked(): void {
    // The next write says so as well.
  }

  onWritable(): void {
    if (!this.#waiting) return this.#closeIfDone()
    this.#waiting = false
    if (this.#other === undefined) this.#closeIfDone()
    else this.#other.resume()
  }

  onClose(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#deadlines.remove(this)
    const complete = this.#ended && this.#heardEnd && error === undefined
    if (!complete && !this.#lingering) this.#fault ??= this.#host.onPeerLost(error)
    const other = this.#other
    this.#other = undefined
    // Whoever takes what the peer says is told why before it is stopped itself.
    if (this.#started) this.#endSink()
    other?.cancel(this.#fault)
    this.#host.onSwitchOver()
  }

  expire(): void {
    this.#wire.destroy()
  }

  /** Hands on what came early, then what comes. */
  #flow(): void {
    this.#paused = false
    const early = this.#early
    this.#early = undefined
    if (early !== undefined) {
      this.heard += early.length
      if (this.#sink?.write(early, 0, early.length) === false) this.#pause()
    }
    if (this.#paused || this.#closed) return
    if (this.#heardEnd) return this.#endSink()
    this.#wire.resume()
  }

  #pause(): void {
    this.#paused = true
    this.#wire.pause()
  }

  #keep(buf: Buffer, start: number, end: number): void {
    const piece = Buffer.from(buf.subarray(start, end))
    this.#early = this.#early === undefined ? piece : Buffer.concat([this.#early, piece])
  }

  #endSink(): void {
    const sink = this.#sink
    this.#sink = undefined
    if (this.#fault === undefined) sink?.end(undefined)
    else sink?.fail(this.#fault)
    this.#closeIfDone()
  }

  #sendEnd(): void {
    if (this.#ended) return
    this.#ended = true
    this.#wire.end()
  }

  #closeIfDone(): void {
    const heard = this.#heardEnd && this.#sink === undefined && this.#started
    if (this.#closed || !this.#ended || !heard) return
    if (this.#wire.flush()) this.#wire.destroy()
  }

  /**
   * Tells both sides the end. The peer may still be sending: to close now would reset it, and lose
   * what it has not read yet.
   */
  #linger(): void {
    if (this.#lingering) return
    this.#lingering = true
    this.dueAt = this.#deadlines.later(lingerMs)
    this.#deadlines.add(this)
    this.#early = undefined
    const other = this.#other
    this.#other = undefined
    this.#sendEnd()
    if (this.#started) this.#endSink()
    other?.cancel()
    if (this.#closed) return
    if (this.#heardEnd) this.#wire.destroy()
    else this.#wire.resume()
  }
}
