import {
  asGatewayError,
  errors,
  type GatewayError,
  GatewayResponse,
  type RequestContext,
} from '@gatewright/kernel'
import { responseFraming } from '../body/framing.ts'
import { bodyDecoder } from '../body-decoder.ts'
import type { Timed } from '../deadlines.ts'
import { responseError } from '../errors.ts'
import { incomplete } from '../faults.ts'
import type { Head } from '../head/head.ts'
import { HeadReader } from '../head/head-reader.ts'
import { parseResponseHead } from '../head/parse.ts'
import { MessageWriter } from '../message-writer.ts'
import { type BodyHost, ReceivedBody } from '../received-body.ts'
import { Method } from '../syntax/methods.ts'
import type { Wire, WireHandler } from '../wire/wire.ts'
import { WireHeaders } from '../wire-headers.ts'
import { writeRequestHead } from './request-head.ts'
import type { CallBearer, UpstreamCall } from './upstream-call.ts'
import type { UpstreamPool } from './upstream-pool.ts'

const never = Number.POSITIVE_INFINITY

/**
 * The client side of one HTTP/1.1 connection: one request at a time. It goes back to its pool only
 * if the response is complete, the request was sent completely, nothing is left over, and the
 * upstream agrees to go on.
 */
export class ClientConnection implements WireHandler, BodyHost, CallBearer, Timed {
  dueAt: number = never
  readonly #pool: UpstreamPool
  readonly #reader: HeadReader
  #wire: Wire | undefined = undefined
  #writer: MessageWriter | undefined = undefined
  #call: UpstreamCall | undefined = undefined
  #head: Head | undefined = undefined
  #body: ReceivedBody | undefined = undefined
  #persistent = true
  /** True once it has served a request. */
  #used = false
  #receivedAny = false
  #sentBody = false
  #totalDueAt = never
  #closed = false

  constructor(pool: UpstreamPool) {
    this.#pool = pool
    const { limits } = pool.environment
    this.#reader = new HeadReader(parseResponseHead, limits, limits.responseHeadBytes)
  }

  attach(wire: Wire): void {
    wire.handler = this
    this.#wire = wire
    this.#writer = new MessageWriter(wire, {
      onWritten: () => this.#requestSent(),
      onWriteFailed: (error) => this.#requestFailed(error),
    })
    this.#pool.environment.deadlines.add(this)
  }

  /** Sends a request and reads its response. The connection must be idle. */
  run(call: UpstreamCall): void {
    const wire = this.#wire
    const writer = this.#writer
    if (wire === undefined || writer === undefined || this.#closed) return this.#pool.repeat(call)
    const { settings } = this.#pool
    this.#call = call
    this.#receivedAny = false
    call.bearer = this
    this.#totalDueAt = later(settings.totalTimeoutMs)
    this.dueAt = Math.min(later(settings.responseTimeoutMs), this.#totalDueAt)
    const { request } = call.ctx
    const length = request.bodyLength
    const { hasBody } = request
    wire.cork()
    try {
      writeRequestHead(wire, call.ctx, call.attempt, settings.passHostHeader)
      this.#sentBody = hasBody
      const body = hasBody ? request.takeBody() : undefined
      if (body !== undefined) {
        writer.start(body, length === undefined ? 'chunked' : 'length', length ?? 0)
      }
    } catch (error) {
      this.#call = undefined
      wire.destroy()
      call.reject(asGatewayError(error))
    } finally {
      wire.uncork()
    }
  }

  /** Waits in the pool for the next request. */
  rest(idleMs: number): void {
    this.dueAt = performance.now() + idleMs
  }

  close(): void {
    this.#wire?.destroy()
  }

  /** The exchange was aborted before the response head came. */
  abandon(): void {
    this.#call = undefined
    this.#writer?.cancel(errors.GW_CLIENT_ABORTED())
    this.close()
  }

  onBytes(buf: Buffer, start: number, end: number): void {
    if (this.#closed) return
    this.#receivedAny = true
    if (this.#body !== undefined) {
      this.#touchBody()
      this.#body.offer(buf, start, end)
      this.#body?.keep()
      return
    }
    if (this.#call === undefined) {
      // Bytes that nobody asked for must never become the response to the next request.
      return this.close()
    }
    this.#readHead(buf, start, end)
  }

  onEnd(): void {
    this.close()
  }

  onWritable(): void {
    this.#writer?.onWritable()
  }

  onClose(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.dueAt = never
    this.#pool.environment.deadlines.remove(this)
    const call = this.#call
    const body = this.#body
    this.#call = undefined
    this.#body = undefined
    if (call?.pending === true && this.#mayRepeat(call)) {
      this.#pool.forget(this)
      return this.#pool.repeat(call)
    }
    const problem = error === undefined ? 'before the response was complete' : error.message
    const failure = errors.GW_UPSTREAM_RESET({ endpoint: this.#endpoint, problem })
    this.#writer?.cancel(failure)
    call?.reject(failure)
    body?.close(failure)
    this.#pool.forget(this)
  }

  expire(now: number): void {
    const { responseTimeoutMs, idleTimeoutMs, totalTimeoutMs } = this.#pool.settings
    const endpoint = this.#endpoint
    const total = this.#totalDueAt <= now
    const call = this.#call
    if (call?.pending === true) {
      const timeoutMs = total ? totalTimeoutMs : responseTimeoutMs
      this.#fail(errors.GW_UPSTREAM_RESPONSE_TIMEOUT({ endpoint, timeoutMs }))
    } else if (this.#body !== undefined) {
      const timeoutMs = total ? totalTimeoutMs : idleTimeoutMs
      this.#fail(errors.GW_UPSTREAM_BODY_TIMEOUT({ endpoint, timeoutMs }))
    } else this.close()
  }

  onBodyStarted(): void {
    this.#touchBody()
  }

  onBodyPaused(paused: boolean): void {
    if (paused) this.#wire?.pause()
    else this.#wire?.resume()
    this.#touchBody()
  }

  onBodyEnded(_buf: Buffer, start: number, end: number): void {
    this.#body = undefined
    if (start < end) this.#persistent = false
    this.#responseDone()
  }

  onBodyFault(fault: number): void {
    this.#fail(this.#protocolError(fault))
  }

  onBodyCancelled(): void {
    this.#body = undefined
    this.close()
  }

  #readHead(buf: Buffer, start: number, end: number): void {
    const { heads } = this.#pool.environment
    let from = start
    for (;;) {
      const call = this.#call
      if (call === undefined) return
      const head = (this.#head ??= heads.take())
      const used = this.#reader.read(buf, from, end, head)
      if (used === incomplete) return
      if (used < 0) return this.#fail(this.#protocolError(used))
      this.#reader.reset()
      from += used
      this.#head = undefined
      if (head.status >= 200) return this.#takeResponse(call, head, buf, from, end)
      if (head.status === 101) {
        heads.release(head)
        const problem = 'it switched protocols without being asked to'
        const endpoint = this.#endpoint
        return this.#fail(errors.GW_UPSTREAM_PROTOCOL({ endpoint, problem }))
      }
      // 100 was answered by the server side; the others are for the client.
      if (head.status !== 100) call.ctx.inform(head.status, new WireHeaders(head).clone())
      heads.release(head)
      if (from === end) return
    }
  }

  #takeResponse(call: UpstreamCall, head: Head, buf: Buffer, start: number, end: number): void {
    const { ctx } = call
    const { heads, limits } = this.#pool.environment
    ctx.defer(() => heads.release(head))
    this.#persistent = head.persistent
    const decoder = bodyDecoder(responseFraming(head, methodOf(ctx)), limits)
    const body = decoder === undefined ? undefined : new ReceivedBody(decoder, this)
    if (decoder?.endsWithConnection === true) this.#persistent = false
    this.#body = body
    this.#used = true
    const response = new GatewayResponse({
      status: head.status,
      headers: new WireHeaders(head),
      body: body ?? null,
    })
    if (body === undefined && start < end) this.#persistent = false
    body?.offer(buf, start, end)
    this.#call = undefined
    this.#touchBody()
    if (body === undefined) this.#responseDone()
    call.resolve(response)
    body?.keep()
  }

  #requestSent(): void {
    const call = this.#call
    if (call?.pending !== true) return
    const { responseTimeoutMs } = this.#pool.settings
    this.dueAt = Math.min(later(responseTimeoutMs), this.#totalDueAt)
  }

  /** The request body broke off: its client went away, or sent what is no body. */
  #requestFailed(error: unknown): void {
    const call = this.#call
    this.#call = undefined
    // A body that breaks off has an error with a code; see `ReceivedBody.fail`.
    call?.reject(error as GatewayError)
    this.close()
  }

  #responseDone(): void {
    this.dueAt = never
    const reusable = this.#persistent && this.#writer?.busy === false
    if (reusable && !this.#closed) this.#pool.release(this)
    else this.close()
  }

  #fail(error: GatewayError): void {
    const call = this.#call
    const body = this.#body
    this.#call = undefined
    this.#body = undefined
    this.#writer?.cancel(error)
    this.close()
    call?.reject(error)
    body?.fail(error)
  }

  /** Whether the request may go to a fresh connection, as if this one had never been chosen. */
  #mayRepeat({ ctx, repeated }: UpstreamCall): boolean {
    if (!this.#used || this.#receivedAny || repeated) return false
    const { request } = ctx
    // A body that went out cannot be had again.
    return isIdempotent(request.method) && !this.#sentBody
  }

  get #endpoint(): string {
    return this.#pool.url.origin
  }

  #protocolError(fault: number): GatewayError {
    return responseError(fault, this.#endpoint)
  }

  #touchBody(): void {
    const body = this.#body
    if (body === undefined) return
    const waits = body.started && !body.paused
    const idle = waits ? later(this.#pool.settings.idleTimeoutMs) : never
    this.dueAt = Math.min(idle, this.#totalDueAt)
  }
}

function methodOf(ctx: RequestContext): number {
  return ctx.request.method === 'HEAD' ? Method.head : Method.other
}

/** RFC 9110 section 9.2.2. */
function isIdempotent(method: string): boolean {
  return ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'].includes(method)
}

function later(ms: number): number {
  return ms === 0 ? never : performance.now() + ms
}
