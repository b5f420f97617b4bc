import {
  type CallBearer,
  type Deadlines,
  errors as http1Errors,
  type Timed,
} from '@gatewright/http1'
import {
  asGatewayError,
  errors,
  type GatewayError,
  GatewayResponse,
  HeaderList,
  isIdempotent,
} from '@gatewright/kernel'
import { errors as httpErrors } from '../errors.ts'
import type { Http2Session, Http2Stream, StreamFailure, StreamHost, StreamInit } from './engine.ts'
import { completeSwitch } from './extended-connect.ts'
import type { Http2Call } from './http2-call.ts'
import type { Http2Settings } from './http2-settings.ts'
import { requestFields } from './request-fields.ts'
import { StreamBody, type StreamBodyHost } from './stream-body.ts'
import { streamError } from './stream-errors.ts'
import { StreamTunnel } from './stream-tunnel.ts'
import { Upload, type UploadHost } from './upload.ts'

const never = Number.POSITIVE_INFINITY
/**
 * Of a response head and the interim ones before it. The engine has a bound of its own, but only once
 * the server knows of it, and there may be no end of interim responses.
 */
const maxHeadBytes = 64 * 1024

/** The session on which a call is sent. */
export interface StreamCallHost {
  readonly settings: Http2Settings
  readonly deadlines: Deadlines
  /** True once a response has come there. */
  readonly used: boolean
  onAnswered(): void
  /** A stream was reset from here. */
  onCancelled(): void
  /** The server has not looked at it. */
  onRefused(call: Http2Call): void
  /** No response has come in time. @param received What had come when the request began. */
  onUnanswered(received: number): void
}

/** One request on one stream, until its response is complete. */
export class StreamCall implements StreamHost, UploadHost, StreamBodyHost, CallBearer, Timed {
  dueAt: number = never
  readonly #host: StreamCallHost
  readonly #call: Http2Call
  readonly #stream: Http2Stream
  /** What the session had received when the call began. */
  readonly #received: number
  #totalDueAt: number
  readonly #isHead: boolean
  #body: StreamBody | undefined = undefined
  /** Once it is no request any more. */
  #tunnel: StreamTunnel | undefined = undefined
  #headBytes = 0
  #done = false

  /** Sends a request. Throws a GatewayError, with nothing sent, if it cannot be sent. */
  static send(host: StreamCallHost, session: Http2Session, call: Http2Call): void {
    new StreamCall(host, session, call).#begin()
  }

  constructor(host: StreamCallHost, session: Http2Session, call: Http2Call) {
    const { settings, deadlines } = host
    this.#host = host
    this.#call = call
    this.#received = session.received
    this.#totalDueAt = deadlines.later(settings.totalTimeoutMs)
    this.#isHead = call.ctx.request.method === 'HEAD'
    const { upgrade } = call.ctx.request
    if (upgrade !== undefined && !session.takesConnect) {
      const params = { endpoint: settings.origin.text, protocol: upgrade }
      throw httpErrors.GW_HTTP_UPSTREAM_NO_SWITCH(params)
    }
    call.init ??= initOf(call, settings)
    this.#stream = session.request(call.init, this)
  }

  #begin(): void {
    const call = this.#call
    call.bearer = this
    this.#host.deadlines.add(this)
    call.upload?.sendOn(this.#stream, this)
    this.#touch()
  }

  /** The exchange was aborted. */
  abandon(_call: Http2Call, error: GatewayError): void {
    this.#fail(error)
  }

  onInterim(status: number, fields: string[]): void {
    if (this.#isTooLarge(fields)) return
    // 100 was answered by the server side; the others are for the client.
    if (status !== 100) this.#call.ctx.inform(status, new HeaderList(fields))
  }

  onHead(status: number, fields: string[], ended: boolean): void {
    if (this.#isTooLarge(fields)) return
    const call = this.#call
    this.#host.onAnswered()
    call.upload?.settle()
    const headers = new HeaderList(fields)
    if (isSwitch(status, call)) return this.#switch(headers, ended)
    const bodiless = ended || this.#isBodiless(status)
    const body = bodiless ? undefined : new StreamBody(this.#stream, lengthOf(headers), this)
    this.#body = body
    const response = new GatewayResponse({ status, headers, body: body ?? null })
    if (ended) this.#finish()
    else if (bodiless) this.#stream.resume()
    call.response.resolve(response)
    if (!this.#done) this.#touch()
  }

  onData(bytes: Uint8Array): void {
    if (this.#tunnel !== undefined) return this.#tunnel.onData(bytes)
    this.#touch()
    this.#body?.take(bytes)
  }

  onEnd(trailers: string[] | undefined): void {
    if (this.#tunnel !== undefined) return this.#tunnel.onEnd()
    const body = this.#body
    this.#finish()
    body?.end(trailers === undefined ? undefined : new HeaderList(trailers))
  }

  onWritable(): void {
    if (this.#tunnel !== undefined) return this.#tunnel.onWritable()
    this.#call.upload?.onWritable()
  }

  onFailure(failure: StreamFailure): void {
    if (this.#tunnel !== undefined) return this.#tunnel.onFailure(failure)
    if (this.#done) return
    // Some servers end a response by a reset. Where its length is known, nothing is lost.
    if (failure.code === 0 && this.#body?.whole === true) return this.onEnd(undefined)
    const call = this.#call
    if (this.#mayRepeat(failure)) {
      this.#rest()
      // An abort must reach whoever works on it next.
      call.bearer = undefined
      call.upload?.detach()
      return this.#host.onRefused(call)
    }
    this.#end(streamError(this.#endpoint, failure))
  }

  onUploaded(): void {
    this.#touch()
  }

  onUploadFailed(error: unknown): void {
    this.#fail(asGatewayError(error))
  }

  onBodyAwaited(): void {
    this.#touch()
  }

  onBodyCancelled(): void {
    this.#cancel()
    this.#finish()
  }

  expire(now: number): void {
    const call = this.#call
    const { settings } = this.#host
    const total = this.#totalDueAt <= now
    const timeoutMs = total ? settings.totalTimeoutMs : this.#patienceMs()
    const params = { endpoint: this.#endpoint, timeoutMs }
    if (!call.pending) return this.#fail(errors.GW_UPSTREAM_BODY_TIMEOUT(params))
    this.#fail(errors.GW_UPSTREAM_RESPONSE_TIMEOUT(params))
    this.#host.onUnanswered(this.#received)
  }

  /** Whether there is no body whatever the fields say (RFC 9110 section 6.4.1). */
  #isBodiless(status: number): boolean {
    return this.#isHead || status === 204 || status === 304
  }

  /** The stream belongs to one client from now on, as long as both sides like. */
  #switch(headers: HeaderList, ended: boolean): void {
    const call = this.#call
    const upgrade = new StreamTunnel(this.#stream, call.attempt, this.#endpoint)
    this.#tunnel = upgrade
    this.#leave()
    if (ended) upgrade.onEnd()
    completeSwitch(call.ctx.request, headers)
    call.response.resolve(new GatewayResponse({ status: 101, headers, upgrade }))
  }

  /** The response is complete, or nobody wants it: the rest of the request is of no use. */
  #finish(): void {
    const { upload, ctx } = this.#call
    this.#leave()
    // One that asked for a switch and was refused has no end of its own.
    if (upload?.busy !== true && ctx.request.upgrade === undefined) return
    upload?.cancel(errors.GW_BODY_ABORTED())
    this.#cancel()
  }

  #isTooLarge(fields: readonly string[]): boolean {
    for (const text of fields) this.#headBytes += text.length
    if (this.#headBytes <= maxHeadBytes) return false
    const params = { endpoint: this.#endpoint, problem: `a head above ${maxHeadBytes} bytes` }
    this.#fail(http1Errors.GW_HTTP1_RESPONSE_TOO_LARGE(params))
    return true
  }

  #fail(error: GatewayError): void {
    this.#cancel()
    this.#end(error)
  }

  #cancel(): void {
    this.#stream.cancel()
    this.#host.onCancelled()
  }

  #end(error: GatewayError): void {
    const call = this.#call
    const body = this.#body
    this.#leave()
    call.upload?.cancel(error)
    call.fail(error)
    body?.fail(error)
  }

  #leave(): void {
    this.#rest()
    this.#call.leave()
  }

  /** Nothing is due any more. */
  #rest(): void {
    this.#done = true
    this.dueAt = never
    this.#host.deadlines.remove(this)
  }

  /** Whether the request may go to another connection, as if this one had never been chosen. */
  #mayRepeat({ code, unprocessed, malformed }: StreamFailure): boolean {
    const { pending, repeated, upload, ctx } = this.#call
    if (!pending || repeated || ctx.abortedBy !== undefined) return false
    if (unprocessed) return upload?.repeatable !== false
    // A connection that had been idle may be closed while a request is on its way.
    const lost = code === undefined && !malformed && this.#headBytes === 0
    return lost && this.#host.used && upload === undefined && isIdempotent(ctx.request.method)
  }

  get #endpoint(): string {
    return this.#host.settings.origin.text
  }

  /** Something moved: whatever is due next is due later. */
  #touch(): void {
    if (this.#done) return
    // A response with bounds of its own is somebody else's affair.
    if (this.#call.attempt.bodyIsTimed) this.#totalDueAt = never
    this.dueAt = Math.min(this.#host.deadlines.later(this.#patienceMs()), this.#totalDueAt)
  }

  /** How long nothing may move; 0 means for ever. */
  #patienceMs(): number {
    const { responseTimeoutMs, idleTimeoutMs } = this.#host.settings
    const { upload, pending } = this.#call
    if (upload?.blocked === true) return idleTimeoutMs
    // How fast a request is sent is the client's affair.
    if (pending) return upload?.busy === true ? 0 : responseTimeoutMs
    if (this.#body === undefined) return idleTimeoutMs
    return this.#body.awaited && !this.#call.attempt.bodyIsTimed ? idleTimeoutMs : 0
  }
}

/** Takes the body out of the request. */
function initOf(call: Http2Call, settings: Http2Settings): StreamInit {
  const { ctx, attempt } = call
  const fields = requestFields(ctx, attempt, settings)
  // What is said after the switch is no body of this message.
  if (ctx.request.upgrade !== undefined) return { fields, ends: false, mayHaveTrailers: false }
  const source = ctx.request.takeBody()
  if (source === undefined) return { fields, ends: true, mayHaveTrailers: false }
  const upload = new Upload(source)
  call.upload = upload
  return { fields, ends: false, mayHaveTrailers: upload.mayHaveTrailers }
}

/** The engine sees to it that there is one at most, and that it is true. */
function lengthOf(headers: HeaderList): number | undefined {
  const value = headers.get('content-length')
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

/** Extended CONNECT succeeds with any 2xx (RFC 8441 section 5). */
function isSwitch(status: number, { ctx }: Http2Call): boolean {
  return ctx.request.upgrade !== undefined && status >= 200 && status < 300
}
