import {
  asGatewayError,
  errors,
  type GatewayError,
  GatewayResponse,
  isIdempotent,
} from '@gatewright/kernel'
import { type BodyFraming, responseFraming } from '../body/framing.ts'
import { bodyDecoder } from '../body-decoder.ts'
import type { Deadlines, Timed } from '../deadlines.ts'
import { responseError, unaskedSwitch } from '../errors.ts'
import { incomplete } from '../faults.ts'
import type { Head } from '../head/head.ts'
import { MessageWriter } from '../message-writer.ts'
import { type BodyHost, ReceivedBody } from '../received-body.ts'
import { SwitchedWire } from '../switched-wire.ts'
import { Method } from '../syntax/methods.ts'
import type { Wire, WireHandler } from '../wire/wire.ts'
import { WireHeaders } from '../wire-headers.ts'
import { idleMsAfter } from './keep-alive.ts'
import { writeRequestHead } from './request-head.ts'
import { ResponseHeadReader } from './response-head-reader.ts'
import type { CallBearer, UpstreamCall } from './upstream-call.ts'
import type { UpstreamPool } from './upstream-pool.ts'
import { switchesTo, UpstreamSwitch } from './upstream-switch.ts'

const never = Number.POSITIVE_INFINITY
/** Below the keep-alive of common servers, so that they rarely close one that we just chose. */
const poolIdleMs = 5000
/** A response of this size that nobody wants is read to its end, so that the connection can go on. */
const maxDrainedBytes = 64 * 1024
/** How long that may take. */
const drainMs = 2000

/**
 * The client side of one HTTP/1.1 connection: one request at a time. It goes back to its pool only
 * if the response is complete, the request was sent completely, nothing is left over, and the
 * upstream agrees to go on.
 */
export class ClientConnection implements WireHandler, BodyHost, CallBearer, Timed {
  dueAt: number = never
  readonly #pool: UpstreamPool
  readonly #deadlines: Deadlines
  readonly #heads: ResponseHeadReader
  readonly #wire: Wire
  readonly #writer: MessageWriter
  readonly #connectMs: number
  /** Until its response is complete. */
  #call: UpstreamCall | undefined = undefined
  /** Of the call; a plugin may change the request once it was sent. */
  #method: number = Method.other
  #body: ReceivedBody | undefined = undefined
  #persistent = true
  #idleMs = poolIdleMs
  /** True once it has served a request. */
  #used = false
  #receivedAny = false
  #sentBody = false
  #totalDueAt = never
  #closed = false

  /** @param connectMs How long it took to make it, for the first call. */
  constructor(pool: UpstreamPool, wire: Wire, connectMs: number) {
    const { environment } = pool
    this.#pool = pool
    this.#connectMs = connectMs
    this.#deadlines = environment.deadlines
    this.#wire = wire
    this.#heads = new ResponseHeadReader(environment)
    this.#writer = new MessageWriter(wire, {
      onWritten: () => this.#touch(),
      onWriteFailed: (error) => this.#fail(asGatewayError(error)),
    })
    wire.handler = this
    environment.deadlines.add(this)
  }

  /** Sends a request and reads its response. The connection must be idle. */
  run(call: UpstreamCall): void {
    const { ctx } = call
    const { request } = ctx
    const { settings } = this.#pool
    const wire = this.#wire
    this.#call = call
    this.#receivedAny = false
    this.#method = request.method === 'HEAD' ? Method.head : Method.other
    this.#sentBody = request.bodyLength !== 0
    this.#totalDueAt = this.#deadlines.later(settings.totalTimeoutMs)
    call.endWait(this.#used ? 0 : this.#connectMs)
    call.bearer = this
    wire.cork()
    const framing = this.#writeHead(call)
    if (framing !== undefined) {
      const body = request.takeBody()
      if (body !== undefined)
        this.#writer.start(body, framing, call.attempt.touchedHeaders ?? request.headers)
    }
    wire.uncork()
    this.#touch()
  }

  /** Waits in the pool for the next request. */
  rest(): void {
    this.dueAt = this.#deadlines.later(this.#idleMs)
  }

  close(): void {
    this.#wire.destroy()
  }

  /** The exchange was aborted. */
  abandon(_call: UpstreamCall, error: GatewayError): void {
    this.#fail(error)
  }

  onBytes(buf: Buffer, start: number, end: number): void {
    if (this.#closed) return
    this.#receivedAny = true
    const body = this.#body
    if (body !== undefined) {
      this.#touch()
      body.offer(buf, start, end)
      return body.keep()
    }
    // Bytes that nobody asked for must never become the response to the next request.
    if (this.#call === undefined) return this.close()
    this.#readHead(this.#call, buf, start, end)
  }

  onEnd(): void {
    this.close()
  }

  onBlocked(): void {
    this.#touch()
  }

  onWritable(): void {
    this.#touch()
    this.#writer.onWritable()
  }

  onClose(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.dueAt = never
    this.#deadlines.remove(this)
    const call = this.#call
    const body = this.#body
    this.#heads.drop()
    if (call?.pending === true && this.#mayRepeat(call)) {
      this.#call = undefined
      this.#pool.forget(this)
      return this.#pool.repeat(call)
    }
    const failure = this.#lossBy(error)
    this.#pool.forget(this)
    this.#writer.cancel(failure)
    if (call?.pending === true) call.reject(failure)
    const cut = error !== undefined
    if (body?.isCutBy(cut) === true) call?.fail(failure)
    body?.close(failure, cut)
  }

  expire(now: number): void {
    const call = this.#call
    if (call === undefined) return this.close()
    const timeoutMs = this.#expiredMs(call, now)
    const params = { endpoint: this.#endpoint, timeoutMs }
    this.#fail(
      call.pending
        ? errors.GW_UPSTREAM_RESPONSE_TIMEOUT(params)
        : errors.GW_UPSTREAM_BODY_TIMEOUT(params),
    )
  }

  onBodyStarted(): void {
    this.#touch()
  }

  onBodyPaused(paused: boolean): void {
    if (paused) this.#wire.pause()
    else this.#wire.resume()
    this.#touch()
  }

  onBodyEnded(_buf: Buffer, start: number, end: number): void {
    if (start < end) this.#persistent = false
    this.#responseDone()
  }

  onBodyFault(fault: number): void {
    this.#fail(responseError(fault, this.#endpoint))
  }

  onBodyCancelled(error: unknown): number {
    const remaining = this.#body?.remaining
    if (error !== undefined || remaining === undefined || remaining > maxDrainedBytes) {
      this.#leave()
      this.close()
      return 0
    }
    // A response that is not wanted, such as one that is followed by a retry.
    this.#call?.leave()
    this.#call = undefined
    this.dueAt = this.#deadlines.later(drainMs)
    return maxDrainedBytes
  }

  onBodyGivenUp(): void {
    this.close()
  }

  /** Returns how the body is framed; `undefined` if this request cannot be sent. */
  #writeHead(call: UpstreamCall): BodyFraming | undefined {
    const { origin, settings } = this.#pool
    try {
      const { ctx, attempt } = call
      return writeRequestHead(this.#wire, ctx, attempt, origin, settings.passHostHeader)
    } catch (error) {
      // Nothing was written, so the connection is as good as before.
      this.#leave()
      this.#pool.release(this)
      call.reject(asGatewayError(error))
      return undefined
    }
  }

  #readHead(call: UpstreamCall, buf: Buffer, start: number, end: number): void {
    const used = this.#heads.read(buf, start, end, call.ctx)
    if (used === incomplete) return
    if (used < 0) return this.#fail(responseError(used, this.#endpoint))
    const head = this.#heads.take()
    if (head === undefined) return
    if (head.status === 101) return this.#switch(call, head, buf, used, end)
    this.#takeResponse(call, head, buf, used, end)
  }

  /** Leaves HTTP, and its pool: the connection belongs to one client from now on. */
  #switch(call: UpstreamCall, head: Head, buf: Buffer, start: number, end: number): void {
    if (!switchesTo(head, call.ctx.request.upgrade)) {
      return this.#fail(unaskedSwitch(this.#endpoint))
    }
    const deadlines = this.#deadlines
    this.#leave()
    this.#closed = true
    deadlines.remove(this)
    const early = start < end ? Buffer.from(buf.subarray(start, end)) : undefined
    const host = new UpstreamSwitch(call, this.#endpoint)
    const upgrade = new SwitchedWire(this.#wire, early, deadlines, host)
    this.#pool.forget(this)
    const headers = new WireHeaders(head)
    call.response.resolve(new GatewayResponse({ status: 101, headers, upgrade }))
  }

  #takeResponse(call: UpstreamCall, head: Head, buf: Buffer, start: number, end: number): void {
    const { limits } = this.#pool.environment
    const decoder = bodyDecoder(responseFraming(head, this.#method), head, limits)
    const body = decoder === undefined ? undefined : new ReceivedBody(decoder, this)
    this.#used = true
    this.#persistent = head.persistent && decoder?.endsWithConnection !== true
    this.#idleMs = idleMsAfter(head, poolIdleMs)
    this.#body = body
    const headers = new WireHeaders(head)
    const response = new GatewayResponse({ status: head.status, headers, body: body ?? null })
    if (body !== undefined) {
      body.offer(buf, start, end)
      this.#stopRefusedUpload(head)
    } else {
      if (start < end) this.#persistent = false
      this.#responseDone()
    }
    call.response.resolve(response)
    body?.keep()
    this.#touch()
  }

  /**
   * An upstream that refuses a request and will close needs no more of its body (RFC 9112 section
   * 9.5). To go on would be answered with a reset, and lose the response.
   */
  #stopRefusedUpload(head: Head): void {
    if (head.status < 400 || head.persistent || !this.#writer.busy) return
    this.#writer.cancel(errors.GW_BODY_ABORTED())
  }

  #lossBy(error: Error | undefined): GatewayError {
    const endpoint = this.#endpoint
    const mute = error !== undefined && !this.#used && !this.#receivedAny
    const known = mute ? this.#pool.dialer.loss?.(endpoint, error) : undefined
    const problem = error === undefined ? 'before the response was complete' : error.message
    return known ?? errors.GW_UPSTREAM_RESET({ endpoint, problem })
  }

  #responseDone(): void {
    this.#leave()
    this.dueAt = never
    const sent = !this.#writer.busy && !this.#wire.blocked
    if (sent && this.#persistent && this.#idleMs > 0 && !this.#closed) this.#pool.release(this)
    else this.close()
  }

  #fail(error: GatewayError): void {
    const call = this.#call
    const body = this.#body
    this.#leave()
    this.#writer.cancel(error)
    this.close()
    call?.fail(error)
    body?.fail(error)
  }

  /** The call is over as far as this connection is concerned. */
  #leave(): void {
    this.#call?.leave()
    this.#call = undefined
    this.#body = undefined
  }

  /** Whether the request may go to another connection, as if this one had never been chosen. */
  #mayRepeat({ ctx, repeated }: UpstreamCall): boolean {
    if (!this.#used || this.#receivedAny || repeated) return false
    // A body that went out cannot be had again.
    return isIdempotent(ctx.request.method) && !this.#sentBody
  }

  get #endpoint(): string {
    return this.#pool.origin.text
  }

  /** Something moved: whatever is due next is due later. */
  #touch(): void {
    const call = this.#call
    if (call === undefined) return
    // A response with bounds of its own is somebody else's affair.
    if (call.attempt.bodyIsTimed) this.#totalDueAt = never
    this.dueAt = Math.min(this.#deadlines.later(this.#patienceMs(call)), this.#totalDueAt)
  }

  /** How long nothing may move; 0 means for ever. */
  #patienceMs(call: UpstreamCall): number {
    const { responseTimeoutMs, idleTimeoutMs } = this.#pool.settings
    if (this.#wire.blocked) return idleTimeoutMs
    if (!call.pending) {
      const waits = this.#body?.awaited === true && !call.attempt.bodyIsTimed
      return waits ? idleTimeoutMs : 0
    }
    // How fast a request is sent is the client's affair.
    return this.#writer.busy ? 0 : responseTimeoutMs
  }

  #expiredMs(call: UpstreamCall, now: number): number {
    if (this.#totalDueAt <= now) return this.#pool.settings.totalTimeoutMs
    return this.#patienceMs(call)
  }
}
