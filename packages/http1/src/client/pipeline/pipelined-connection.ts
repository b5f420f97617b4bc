import { asGatewayError, errors, type GatewayError, GatewayResponse } from '@gatewright/kernel'
import { responseFraming } from '../../body/framing.ts'
import { bodyDecoder } from '../../body-decoder.ts'
import type { Timed } from '../../deadlines.ts'
import { responseError, unaskedSwitch } from '../../errors.ts'
import { incomplete } from '../../faults.ts'
import type { Head } from '../../head/head.ts'
import { ReceivedBody } from '../../received-body.ts'
import type { Wire, WireHandler } from '../../wire/wire.ts'
import { WireHeaders } from '../../wire-headers.ts'
import { idleMsAfter } from '../keep-alive.ts'
import { planRequestHead } from '../request-head.ts'
import { ResponseHeadReader } from '../response-head-reader.ts'
import type { UpstreamCall } from '../upstream-call.ts'
import { type FrontState, frontDueAt, timeoutError } from './front-patience.ts'
import { GatheredHeads } from './gathered-heads.ts'
import { PipelineQueue } from './pipeline-queue.ts'
import {
  maxDrainedBytes,
  PipelineSlot,
  type SlotHost,
  untilClose,
  untilLastChunk,
} from './pipeline-slot.ts'
import type { PipelinedPool } from './pipelined-pool.ts'

const nothing = Buffer.alloc(0)
/** Below the keep-alive of common servers. */
const poolIdleMs = 5000
/** A response that takes longer keeps the connection for itself; the others go elsewhere. */
const maxFrontMs = 1000

/**
 * A connection on which requests are sent without waiting for the responses to those before (RFC
 * 9112 section 9.3.2). Its responses are read strictly in order. Whatever casts doubt on which
 * response belongs to which request ends the connection; requests of whose response no byte was
 * seen are then sent again, elsewhere.
 */
export class PipelinedConnection implements WireHandler, SlotHost, Timed {
  readonly #pool: PipelinedPool
  readonly #wire: Wire
  readonly #heads: ResponseHeadReader
  readonly #gathered = new GatheredHeads()
  readonly #queue = new PipelineQueue()
  /** A byte of the response at the front was seen. */
  #begun = false
  #frontSince = 0
  #movedAt: number
  #idleMs = poolIdleMs
  /** No more is queued; the connection ends when it has no slots. */
  #last = false
  #paused = false
  #closed = false
  /** The end of the connection is of our making. */
  #closing = false
  /** What the request at the front fails with if not with the end of the connection. */
  #failure: GatewayError | undefined = undefined
  #reading = false
  #buf: Buffer = nothing
  #from = 0
  #end = 0

  constructor(pool: PipelinedPool, wire: Wire) {
    this.#pool = pool
    this.#wire = wire
    this.#heads = new ResponseHeadReader(pool.environment)
    wire.handler = this
    pool.environment.deadlines.add(this)
    this.#movedAt = this.#soon
  }

  /** Requests that are not answered yet. */
  get load(): number {
    return this.#queue.length
  }

  get dueAt(): number {
    const { front } = this.#queue
    if (front === undefined) return this.#movedAt + this.#idleMs
    const due = frontDueAt(front, this.#front)
    return this.#last ? due : Math.min(due, this.#frontSince + maxFrontMs)
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
    try {
      const { ctx, attempt } = call
      this.#gathered.add(planRequestHead(ctx, attempt, origin, settings.passHostHeader))
    } catch (error) {
      return call.reject(asGatewayError(error))
    }
    const alone = this.#queue.length === 0
    if (alone) this.#frontSince = now
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
    this.#movedAt = this.#soon
    this.#queue.markArrival(end - start)
    this.#read(buf, start, end)
  }

  onEnd(): void {
    if (this.#queue.length > 0) this.#doubt()
    this.#close()
  }

  onBlocked(): void {
    this.#movedAt = this.#soon
  }

  onWritable(): void {
    this.#movedAt = this.#soon
  }

  onClose(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#pool.environment.deadlines.remove(this)
    this.#pool.forget(this)
    this.#heads.drop()
    const { front } = this.#queue
    if (front === undefined) return
    if (!this.#closing) this.#doubt()
    const lost = this.#failure !== undefined || this.#begun
    this.#moveAway(lost ? 1 : 0)
    if (!lost) return
    this.#queue.shift()
    this.#loseFront(front, error)
  }

  expire(now: number): void {
    const { front } = this.#queue
    if (front === undefined) return this.#close()
    if (frontDueAt(front, this.#front) <= now) return this.#expireFront(front, now)
    if (!this.#begun && !front.alone) {
      // It waited behind another one, and may have been overlooked with what was sent with it.
      this.#pool.distrust()
      return this.#close()
    }
    this.#retire()
  }

  onSlotStarted(slot: PipelineSlot): void {
    if (slot === this.#queue.front) this.#movedAt = this.#soon
  }

  onSlotPaused(slot: PipelineSlot, paused: boolean): void {
    if (slot !== this.#queue.front) return
    this.#movedAt = this.#soon
    this.#pause(paused)
  }

  onSlotEnded(slot: PipelineSlot, buf: Buffer, start: number, end: number): void {
    if (slot !== this.#queue.front) return
    this.#advance(slot)
    this.#read(buf, start, end)
  }

  onSlotFault(slot: PipelineSlot, fault: number): void {
    if (slot === this.#queue.front) return this.#refuse(responseError(fault, this.#endpoint))
    // The connection is gone, and with it what was to come.
    slot.body?.fail(responseError(fault, this.#endpoint))
  }

  onSlotGivenUp(slot: PipelineSlot): void {
    if (slot === this.#queue.front) this.#close()
  }

  /** Takes bytes until they are used up. What comes while it does so takes their place. */
  #read(buf: Buffer, start: number, end: number): void {
    this.#buf = buf
    this.#from = start
    this.#end = end
    if (this.#reading) return
    this.#reading = true
    while (this.#from < this.#end && !this.#closed) this.#readSome()
    this.#reading = false
    this.#buf = nothing
  }

  #readSome(): void {
    const front = this.#queue.awaiting(this.#end - this.#from)
    if (front === undefined) {
      // Bytes that nobody asked for must never become a response.
      this.#pool.distrust()
      return this.#close()
    }
    if (!front.answered) return this.#readHead(front)
    this.#readBody(front)
    front.body?.keep()
  }

  #readHead(front: PipelineSlot): void {
    this.#begun = true
    const used = this.#heads.read(this.#buf, this.#from, this.#end, front.call?.ctx)
    if (this.#closed) return
    if (used === incomplete) {
      this.#from = this.#end
      return
    }
    if (used < 0) return this.#refuse(responseError(used, this.#endpoint))
    const head = this.#heads.take()
    if (head === undefined) return
    if (head.status === 101) return this.#refuse(unaskedSwitch(this.#endpoint))
    this.#from = used
    this.#takeHead(front, head)
  }

  #takeHead(front: PipelineSlot, head: Head): void {
    const { limits, heads } = this.#pool.environment
    const decoder = bodyDecoder(responseFraming(head, front.method), head, limits)
    const endsWithConnection = decoder?.endsWithConnection === true
    front.answered = true
    if (decoder !== undefined) {
      front.missing = decoder.length ?? (endsWithConnection ? untilClose : untilLastChunk)
      front.body = new ReceivedBody(decoder, front)
    }
    this.#idleMs = idleMsAfter(head, poolIdleMs)
    if (!head.persistent || head.minor === 0 || endsWithConnection) {
      this.#doubt()
      this.#retire()
    }
    const { call } = front
    if (call === undefined) {
      heads.release(head)
      return this.#bury(front)
    }
    const headers = new WireHeaders(head)
    const response = new GatewayResponse({ status: head.status, headers, body: front.body ?? null })
    this.#readBody(front)
    call.response.resolve(response)
    front.body?.keep()
  }

  /** Takes what belongs to the body. Whoever calls it lets the body keep what is left of that. */
  #readBody(front: PipelineSlot): void {
    const buf = this.#buf
    const start = this.#from
    if (front.missing < 0) {
      this.#from = this.#end
      return front.body?.offer(buf, start, this.#end)
    }
    const stop = Math.min(this.#end, start + front.missing)
    this.#from = stop
    front.missing -= stop - start
    // All of it is here, so how it is taken is no longer the affair of those behind.
    if (front.missing === 0) this.#advance(front)
    front.body?.offer(buf, start, stop)
  }

  /** Throws away the response to a request whose client has gone. */
  #bury(front: PipelineSlot): void {
    if (front.missing === untilLastChunk) {
      front.body?.discard(maxDrainedBytes)
      this.#readBody(front)
      front.body?.keep()
    } else if (front.drainable) {
      front.body = undefined
      this.#readBody(front)
    } else {
      this.#close()
    }
  }

  /** The response at the front has arrived completely. */
  #advance(front: PipelineSlot): void {
    front.call?.leave()
    front.call = undefined
    this.#queue.shift()
    this.#begun = false
    this.#frontSince = this.#movedAt
    if (this.#paused) this.#pause(false)
    if (!front.alone && this.#queue.proofs === this.#pool.pipeline.depth) this.#pool.trust()
    if (this.#queue.length === 0 && (this.#last || this.#idleMs <= 0)) this.#close()
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
    this.#fail(timeoutError(front, this.#front, this.#endpoint, now))
  }

  /** The upstream ends the connection, which it may do now and then. */
  #doubt(): void {
    if (this.#queue.answered < this.#pool.pipeline.depth) this.#pool.distrust()
  }

  /** The upstream broke the rules. */
  #refuse(error: GatewayError): void {
    this.#pool.distrust()
    this.#fail(error)
  }

  #fail(error: GatewayError): void {
    this.#failure = error
    this.#close()
  }

  /** The clock that is good enough for deadlines. */
  get #soon(): number {
    return this.#pool.environment.deadlines.soon
  }

  get #endpoint(): string {
    return this.#pool.origin.text
  }

  get #front(): FrontState {
    return {
      settings: this.#pool.settings,
      since: this.#frontSince,
      movedAt: this.#movedAt,
      blocked: this.#wire.blocked,
    }
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
