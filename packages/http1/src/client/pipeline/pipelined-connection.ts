import { asGatewayError, errors, type GatewayError } from '@gatewright/kernel'
import type { Timed } from '../../deadlines.ts'
import { responseError } from '../../errors.ts'
import type { Head } from '../../head/head.ts'
import type { Wire, WireHandler } from '../../wire/wire.ts'
import { idleMsAfter } from '../keep-alive.ts'
import { planRequestHead } from '../request-head.ts'
import type { UpstreamCall } from '../upstream-call.ts'
import { FrontPatience } from './front-patience.ts'
import { GatheredHeads } from './gathered-heads.ts'
import { PipelineQueue } from './pipeline-queue.ts'
import { PipelineSlot, type SlotHost } from './pipeline-slot.ts'
import type { PipelinedPool } from './pipelined-pool.ts'
import { ResponseSequence, type SequenceHost } from './response-sequence.ts'

/** Below the keep-alive of common servers. */
const poolIdleMs = 5000

/**
 * A connection on which requests are sent without waiting for the responses to those before (RFC
 * 9112 section 9.3.2). Whatever casts doubt on which response belongs to which request ends it;
 * requests of whose response no byte was seen are then sent again, elsewhere.
 */
export class PipelinedConnection implements WireHandler, SlotHost, SequenceHost, Timed {
  readonly #pool: PipelinedPool
  readonly #wire: Wire
  readonly #gathered = new GatheredHeads()
  readonly #queue = new PipelineQueue()
  readonly #responses: ResponseSequence
  readonly #patience: FrontPatience
  #idleMs = poolIdleMs
  /** No more is queued; the connection ends when it has no slots. */
  #last = false
  #paused = false
  #closed = false
  /** The end of the connection is of our making. */
  #closing = false
  /** What the request at the front fails with if not with the end of the connection. */
  #failure: GatewayError | undefined = undefined

  constructor(pool: PipelinedPool, wire: Wire) {
    const { environment, settings } = pool
    this.#pool = pool
    this.#wire = wire
    this.#responses = new ResponseSequence(this.#queue, this, environment, this.#endpoint)
    wire.handler = this
    this.#patience = new FrontPatience(settings, environment.deadlines, wire)
    environment.deadlines.add(this)
  }

  /** Requests that are not answered yet. */
  get load(): number {
    return this.#queue.length
  }

  get dueAt(): number {
    const { front } = this.#queue
    if (front === undefined) return this.#patience.stillAt(this.#idleMs)
    const due = this.#patience.dueAt(front)
    return this.#last ? due : Math.min(due, this.#patience.slowAt)
  }

  /** Whether another request may be queued now. */
  takes(now: number): boolean {
    const { depth, headOfLineMs } = this.#pool.pipeline
    if (this.#last || this.#queue.length >= depth || this.#wire.blocked) return false
    const { front } = this.#queue
    return front === undefined || now - front.since <= headOfLineMs
  }

  /** Queues a request; it is written out by the next {@link PipelinedConnection.flush}. */
  queue(call: UpstreamCall, now: number): void {
    const { origin, settings } = this.#pool
    call.endWait(0)
    try {
      const { ctx, attempt } = call
      this.#gathered.add(planRequestHead(ctx, attempt, origin, settings.passHostHeader))
    } catch (error) {
      return call.reject(asGatewayError(error))
    }
    const alone = this.#queue.length === 0
    if (alone) this.#patience.restart(now)
    this.#queue.push(new PipelineSlot(this, call, now, now + settings.totalTimeoutMs, alone))
  }

  /** Writes out what was queued since the last time. */
  flush(): void {
    if (!this.#queue.unsent || this.#closed) return
    this.#queue.markSent()
    this.#gathered.writeTo(this.#wire)
  }

  /** Takes no more requests, and closes when those that it has are answered. */
  finish(): void {
    this.#last = true
    if (this.#queue.length === 0) this.#close()
  }

  onBytes(buf: Buffer, start: number, end: number): void {
    if (this.#closed) return
    this.#patience.touch()
    this.#responses.take(buf, start, end)
  }

  onEnd(): void {
    if (this.#queue.length > 0) this.#doubt()
    this.#close()
  }

  onBlocked(): void {
    this.#patience.touch()
  }

  onWritable(): void {
    this.#patience.touch()
  }

  onClose(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#pool.environment.deadlines.remove(this)
    this.#pool.forget(this)
    this.#responses.close()
    const { front } = this.#queue
    if (front === undefined) return
    if (!this.#closing) this.#doubt()
    const lost = this.#failure !== undefined || this.#responses.begun
    this.#moveAway(lost ? 1 : 0)
    if (!lost) return
    this.#queue.shift()
    this.#loseFront(front, error)
  }

  expire(now: number): void {
    const { front } = this.#queue
    if (front === undefined) return this.#close()
    if (this.#patience.dueAt(front) <= now) return this.#expireFront(front, now)
    if (!this.#responses.begun && !front.alone) {
      // It waited behind another one, and may have been overlooked with what was sent with it.
      this.#pool.distrust()
      return this.#close()
    }
    this.#retire()
  }

  onResponseHead(head: Head, last: boolean): void {
    this.#idleMs = idleMsAfter(head, poolIdleMs)
    if (!last) return
    this.#doubt()
    this.#retire()
  }

  onResponseEnd({ alone }: PipelineSlot): void {
    this.#patience.restart()
    if (this.#paused) this.#pause(false)
    if (!alone && this.#queue.proofs === this.#pool.pipeline.depth) this.#pool.trust()
    if (this.#queue.length === 0 && (this.#last || this.#idleMs <= 0)) this.#close()
    else this.#pool.relieve(this)
  }

  onRefused(error: GatewayError): void {
    this.#pool.distrust()
    this.#fail(error)
  }

  onUnasked(): void {
    this.#pool.distrust()
    this.#close()
  }

  onSlotStarted(slot: PipelineSlot): void {
    if (slot === this.#queue.front) this.#patience.touch()
  }

  onSlotPaused(slot: PipelineSlot, paused: boolean): void {
    if (slot !== this.#queue.front) return
    this.#patience.touch()
    this.#pause(paused)
  }

  onSlotEnded(slot: PipelineSlot, buf: Buffer, start: number, end: number): void {
    if (slot === this.#queue.front) this.#responses.goOn(slot, buf, start, end)
  }

  onSlotFault(slot: PipelineSlot, fault: number): void {
    const error = responseError(fault, this.#endpoint)
    if (slot === this.#queue.front) return this.onRefused(error)
    // The connection is gone, and with it what was to come.
    slot.body?.fail(error)
  }

  onSlotGivenUp(slot: PipelineSlot): void {
    if (slot === this.#queue.front) this.#close()
  }

  /** Goes on with the request at the front only; the others are sent elsewhere. */
  #retire(): void {
    this.#last = true
    this.#pool.retire(this)
    this.#moveAway(1)
  }

  /** Sends requests from that place on elsewhere. */
  #moveAway(place: number): void {
    this.#gathered.clear()
    for (const { call, wasSent } of this.#queue.moveFrom(place)) this.#pool.move(call, wasSent)
  }

  #loseFront(front: PipelineSlot, error: Error | undefined): void {
    const problem = error === undefined ? 'before the response was complete' : error.message
    const reset = errors.GW_UPSTREAM_RESET({ endpoint: this.#endpoint, problem })
    if (this.#failure === undefined) front.lose(reset, error !== undefined)
    else front.fail(this.#failure)
  }

  #expireFront(front: PipelineSlot, now: number): void {
    if (front.call === undefined) return this.#close()
    this.#fail(this.#patience.timeoutError(front, this.#endpoint, now))
  }

  /** The upstream ends the connection, which it may do now and then. */
  #doubt(): void {
    if (this.#queue.answered < this.#pool.pipeline.depth) this.#pool.distrust()
  }

  #fail(error: GatewayError): void {
    this.#failure = error
    this.#close()
  }

  get #endpoint(): string {
    return this.#pool.origin.text
  }

  #close(): void {
    this.#closing = true
    this.#wire.destroy()
  }

  #pause(paused: boolean): void {
    this.#paused = paused
    if (paused) this.#wire.pause()
    else this.#wire.resume()
  }
}
