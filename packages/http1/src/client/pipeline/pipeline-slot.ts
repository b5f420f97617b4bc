import type { GatewayError } from '@gatewright/kernel'
import type { BodyHost, ReceivedBody } from '../../received-body.ts'
import { Method } from '../../syntax/methods.ts'
import type { CallBearer, UpstreamCall } from '../upstream-call.ts'

/** A response of this size that nobody wants is read to its end, so that the next one is found. */
export const maxDrainedBytes: number = 64 * 1024

/** Instead of the number of bytes to come: only the decoder can tell. */
export const untilLastChunk = -1
/** Instead of the number of bytes to come: all that the connection brings. */
export const untilClose = -2

/** The connection on which a slot has its place. */
export interface SlotHost {
  /** Somebody began to take the body. */
  onSlotStarted(slot: PipelineSlot): void
  /** Nobody takes bytes of the body at the moment, or somebody does again. */
  onSlotPaused(slot: PipelineSlot, paused: boolean): void
  /** The body of unknown length is complete. What follows it is valid during the call. */
  onSlotEnded(slot: PipelineSlot, buf: Buffer, start: number, end: number): void
  onSlotFault(slot: PipelineSlot, fault: number): void
  /** Nobody wants the response, and its end will not be found at a reasonable price. */
  onSlotGivenUp(slot: PipelineSlot): void
}

/**
 * The place of one request among those that share a connection: from queueing it until the last
 * byte of its response has arrived. If nobody wants the response any more it stays as a tombstone,
 * since the upstream answers all the same.
 */
export class PipelineSlot implements BodyHost, CallBearer {
  /** `performance.now()` when it was queued. */
  readonly since: number
  /** `performance.now()` at which its response must be complete. */
  readonly totalDueAt: number
  /** Nothing else was unanswered when it was queued. */
  readonly alone: boolean
  /** Of the request; a plugin may change it once it was sent. */
  readonly method: number
  /** `undefined` once nobody wants the response. */
  call: UpstreamCall | undefined
  /** `performance.now()` since when nobody does. */
  leftAt = 0
  /** True once its response head was read. */
  answered = false
  body: ReceivedBody | undefined = undefined
  /** Bytes of the body that have not arrived, or one of the two constants. */
  missing = 0
  readonly #host: SlotHost

  constructor(
    host: SlotHost,
    call: UpstreamCall,
    since: number,
    totalDueAt: number,
    alone: boolean,
  ) {
    this.#host = host
    this.call = call
    this.since = since
    // Without a bound the two are the same.
    this.totalDueAt = totalDueAt === since ? Number.POSITIVE_INFINITY : totalDueAt
    this.alone = alone
    this.method = call.ctx.request.method === 'HEAD' ? Method.head : Method.other
    call.bearer = this
  }

  /** The rest of its response is thrown away, if that can be done. */
  get drainable(): boolean {
    return this.missing >= 0 && this.missing <= maxDrainedBytes
  }

  /** Bytes that have come, of which it is not known yet whether all belong to the body. */
  get unread(): number {
    return this.missing < 0 ? (this.body?.unread ?? 0) : 0
  }

  /** The call is over as far as this slot is concerned. */
  leave(): void {
    this.call?.leave()
    this.call = undefined
    this.leftAt = performance.now()
  }

  /** The upstream has failed. */
  fail(error: GatewayError): void {
    const { call, body } = this
    this.leave()
    call?.fail(error)
    body?.fail(error)
  }

  /**
   * The connection is gone, which may be the end of the body.
   * @param cut It was lost rather than closed.
   */
  lose(error: GatewayError, cut: boolean): void {
    const { call, body } = this
    this.leave()
    if (call?.pending === true || body?.isCutBy(cut) === true) call?.fail(error)
    body?.close(error, cut)
  }

  /** The exchange was aborted. */
  abandon(_call: UpstreamCall, error: GatewayError): void {
    this.leave()
    const { body } = this
    if (body === undefined) return
    const whole = this.missing === 0
    body.fail(error)
    if (!whole && !this.drainable) this.#host.onSlotGivenUp(this)
  }

  onBodyStarted(): void {
    if (this.missing !== 0) this.#host.onSlotStarted(this)
  }

  onBodyPaused(paused: boolean): void {
    // A body that is here does not keep the next response waiting.
    if (this.missing !== 0) this.#host.onSlotPaused(this, paused)
  }

  onBodyEnded(buf: Buffer, start: number, end: number): void {
    if (this.missing < 0) this.#host.onSlotEnded(this, buf, start, end)
  }

  onBodyFault(fault: number): void {
    this.#host.onSlotFault(this, fault)
  }

  onBodyCancelled(): number {
    this.leave()
    if (this.drainable) return 0
    if (this.missing === untilLastChunk) return maxDrainedBytes
    this.#host.onSlotGivenUp(this)
    return 0
  }

  onBodyGivenUp(): void {
    this.#host.onSlotGivenUp(this)
  }
}
