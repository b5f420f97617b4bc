import { type GatewayError, GatewayResponse } from '@gatewright/kernel'
import { responseFraming } from '../../body/framing.ts'
import { bodyDecoder } from '../../body-decoder.ts'
import { responseError, unaskedSwitch } from '../../errors.ts'
import { incomplete } from '../../faults.ts'
import type { Head } from '../../head/head.ts'
import { ReceivedBody } from '../../received-body.ts'
import { WireHeaders } from '../../wire-headers.ts'
import { ResponseHeadReader } from '../response-head-reader.ts'
import type { ClientEnvironment } from '../upstream-settings.ts'
import type { PipelineQueue } from './pipeline-queue.ts'
import { maxDrainedBytes, type PipelineSlot, untilClose, untilLastChunk } from './pipeline-slot.ts'

const nothing = Buffer.alloc(0)

/** Told what was found; any of these may close the sequence. */
export interface SequenceHost {
  /** A response head. @param last Whether the connection ends with that response. */
  onResponseHead(head: Head, last: boolean): void
  /** The last byte of the response at the front, which has left the queue. */
  onResponseEnd(slot: PipelineSlot): void
  /** Bytes that are no response. */
  onRefused(error: GatewayError): void
  /** Bytes that nobody asked for. */
  onUnasked(): void
  /** Nobody wants the response, and its end will not be found at a reasonable price. */
  onSlotGivenUp(slot: PipelineSlot): void
}

/** Reads the responses on a shared connection, strictly in the order of the requests. */
export class ResponseSequence {
  readonly #queue: PipelineQueue
  readonly #host: SequenceHost
  readonly #environment: ClientEnvironment
  readonly #endpoint: string
  readonly #heads: ResponseHeadReader
  #begun = false
  #closed = false
  #reading = false
  #buf: Buffer = nothing
  #from = 0
  #end = 0

  constructor(
    queue: PipelineQueue,
    host: SequenceHost,
    environment: ClientEnvironment,
    endpoint: string,
  ) {
    this.#queue = queue
    this.#host = host
    this.#environment = environment
    this.#endpoint = endpoint
    this.#heads = new ResponseHeadReader(environment)
  }

  /** True once a byte of the response at the front was seen. */
  get begun(): boolean {
    return this.#begun
  }

  /** Bytes have arrived. */
  take(buf: Buffer, start: number, end: number): void {
    this.#queue.markArrival(end - start)
    this.#read(buf, start, end)
  }

  /** The body of unknown length at the front is complete; these bytes came behind it. */
  goOn(front: PipelineSlot, buf: Buffer, start: number, end: number): void {
    this.#finish(front)
    this.#read(buf, start, end)
  }

  /** Takes no more. */
  close(): void {
    this.#closed = true
    this.#heads.drop()
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
    // Bytes that nobody asked for must never become a response.
    if (front === undefined) return this.#host.onUnasked()
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
    if (used < 0) return this.#host.onRefused(responseError(used, this.#endpoint))
    const head = this.#heads.take()
    if (head === undefined) return
    if (head.status === 101) return this.#host.onRefused(unaskedSwitch(this.#endpoint))
    this.#from = used
    this.#takeHead(front, head)
  }

  #takeHead(front: PipelineSlot, head: Head): void {
    const { limits, heads } = this.#environment
    const decoder = bodyDecoder(responseFraming(head, front.method), head, limits)
    const endsWithConnection = decoder?.endsWithConnection === true
    front.answered = true
    if (decoder !== undefined) {
      front.missing = decoder.length ?? (endsWithConnection ? untilClose : untilLastChunk)
      front.body = new ReceivedBody(decoder, front)
    }
    this.#host.onResponseHead(head, !head.persistent || head.minor === 0 || endsWithConnection)
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
    if (front.missing === 0) this.#finish(front)
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
      this.#host.onSlotGivenUp(front)
    }
  }

  /** The response at the front has arrived completely. */
  #finish(front: PipelineSlot): void {
    front.call?.leave()
    front.call = undefined
    this.#queue.shift()
    this.#begun = false
    this.#host.onResponseEnd(front)
  }
}
