import type { GatewayError } from '@gatewright/kernel'
import type { Deadlines } from '../deadlines.ts'
import type { Http1Limits } from '../limits.ts'
import type { Wire } from '../wire/wire.ts'
import { type ClientPace, paceFor } from './client-pace.ts'
import { errors } from './errors.ts'
import { isEnding, type Phase } from './phase.ts'

/** How long a client may be silent after its connection was given up. */
const lingerMs = 2000
/** How long it may go on sending. */
const maxLingerMs = 30_000

/** Until when the client at the other end of a connection is waited for. */
export class ClientPatience {
  /** `performance.now()` at which it is late; Infinity while it is not waited for. */
  dueAt: number
  readonly #wire: Wire
  readonly #limits: Http1Limits
  readonly #deadlines: Deadlines
  readonly #pace: ClientPace | undefined
  #endsAt = 0

  constructor(wire: Wire, limits: Http1Limits, deadlines: Deadlines) {
    this.#wire = wire
    this.#limits = limits
    this.#deadlines = deadlines
    this.#pace = paceFor(limits)
    this.dueAt = deadlines.later(limits.headerTimeoutMs)
  }

  /** A head has begun, which is due as a whole. */
  beginHead(): void {
    this.dueAt = this.#deadlines.later(this.#limits.headerTimeoutMs)
  }

  /** A head was read. */
  beginExchange(): void {
    this.#pace?.begin()
  }

  /** Bytes of a request body arrived. */
  received(bytes: number): void {
    this.#pace?.received(bytes, performance.now())
  }

  /** Something is due within that time, whatever else is. */
  hurry(ms: number): void {
    this.dueAt = Math.min(this.dueAt, this.#deadlines.later(ms))
  }

  /**
   * Whoever still sends after its last response has so long.
   * @param hurried The gateway waits for it, or it had its time before.
   */
  allowEnding(hurried: boolean): void {
    this.#endsAt = this.#deadlines.later(hurried ? lingerMs : maxLingerMs)
  }

  /**
   * Something moved: whatever is due next is due later, except a head.
   * @param uploading The client is to send the next byte of its body.
   * @param written Bytes of responses so far.
   */
  touch(phase: Phase, uploading: boolean, written: number): void {
    if (phase === 'head' || phase === 'closed') return
    const { blocked } = this.#wire
    this.dueAt = this.#deadlines.later(this.#patienceMs(phase, uploading))
    if (isEnding(phase) && !blocked) this.dueAt = Math.min(this.dueAt, this.#endsAt)
    const pace = this.#pace
    if (pace === undefined) return
    const uploads = phase === 'exchange' && uploading
    this.dueAt = Math.min(this.dueAt, pace.dueAt(performance.now(), uploads, blocked, written))
  }

  /** Why a head that is late is refused. */
  headError(): GatewayError {
    return errors.GW_HTTP1_HEADER_TIMEOUT({ timeoutMs: this.#limits.headerTimeoutMs })
  }

  /** Why a body that is late at `now` is ended. */
  bodyError(now: number): GatewayError {
    const timeoutMs = this.#limits.uploadIdleMs
    return this.#pace?.problem(now) ?? errors.GW_HTTP1_BODY_TIMEOUT({ timeoutMs })
  }

  /** How long nothing may move; 0 means for ever. */
  #patienceMs(phase: Phase, uploading: boolean): number {
    const { writeStallMs, keepAliveMs, uploadIdleMs } = this.#limits
    if (this.#wire.blocked) return writeStallMs
    if (isEnding(phase)) return lingerMs
    if (phase === 'idle') return keepAliveMs
    return uploading ? uploadIdleMs : 0
  }
}
