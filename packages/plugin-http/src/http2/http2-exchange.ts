import { type ClientPace, paceFor, serverErrors, type Timed } from '@gatewright/http1'
import {
  asGatewayError,
  type GatewayError,
  GatewayRequest,
  type GatewayResponse,
  type Inform,
  type Interruptible,
  isThenable,
  errors as kernelErrors,
  problemResponse,
  type RequestContext,
  unreadRequest,
} from '@gatewright/kernel'
import { errors } from '../errors.ts'
import { ErrorCode, type Http2Stream, type Http2StreamHost } from './codec.ts'
import type { Http2Connection } from './http2-connection.ts'
import { type Http2RequestHead, readRequestHead } from './request-fields.ts'
import { StreamBody, type StreamBodyHost } from './stream-body.ts'
import { StreamResponse, type StreamResponseHost } from './stream-response.ts'

const never = Number.POSITIVE_INFINITY
/** What a 405 must say (RFC 9110 section 15.5.6); others pass as well. */
const allowed = ['allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE']

/** One stream of a client: its request, led through the gateway, and the response. */
export class Http2Exchange
  implements Http2StreamHost, StreamBodyHost, StreamResponseHost, Interruptible, Timed
{
  /** `performance.now()` at which the client is late. */
  dueAt: number = never
  readonly #connection: Http2Connection
  readonly #stream: Http2Stream
  readonly #response: StreamResponse
  readonly #pace: ClientPace | undefined
  #head: Http2RequestHead | undefined = undefined
  #ctx: RequestContext | undefined = undefined
  #body: StreamBody | undefined = undefined
  /** The client may send more. */
  #open = true
  /** Bytes of the request so far. */
  #received = 0
  /** It counts as load. */
  #loads = false
  /** The gateway has ended the stream. */
  #broken = false
  #watched = false
  #closed = false

  constructor(connection: Http2Connection, stream: Http2Stream) {
    this.#connection = connection
    this.#stream = stream
    this.#response = new StreamResponse(stream, this)
    this.#pace = paceFor(connection.limits)
  }

  get ctx(): RequestContext | undefined {
    return this.#ctx
  }

  /** Reads the head and hands the request on. */
  begin(fields: readonly string[], ended: boolean): void {
    // Nobody waits for it; to begin would be work for whoever floods us.
    if (this.#stream.aborted) return
    this.#open = !ended
    const head = this.#readHead(fields)
    if (head === undefined) return
    if (!ended) this.#body = new StreamBody(this.#stream, head.contentLength, this)
    this.#pace?.begin()
    const connection = this.#connection
    const { load, ingress } = connection
    // What follows a head that asks for a switch is no body of HTTP.
    const body = head.upgrade === undefined ? this.#body : undefined
    const request = new GatewayRequest(head, body ?? null)
    if (load.full) return this.#turnAway(request, load.refuse())
    const ctx = connection.open(request, this.#inform)
    this.#ctx = ctx
    load.begin()
    this.#loads = true
    const response = ingress.handle(ctx)
    if (isThenable(response)) response.then((settled) => this.#answer(settled))
    else this.#answer(response)
  }

  onData(bytes: Buffer): void {
    this.#received += bytes.length
    this.#pace?.received(bytes.length, performance.now())
    this.#body?.write(bytes)
  }

  onEnd(trailers: readonly string[] | undefined): void {
    this.#open = false
    this.#body?.end(trailers)
    this.#touch()
  }

  onWritable(): void {
    this.#response.onWritable()
  }

  onClosed(code: number): void {
    if (this.#closed) return
    this.#closed = true
    const response = this.#response
    const connection = this.#connection
    const ctx = this.#ctx
    if (this.#watched) connection.deadlines.remove(this)
    const whole = response.complete && code === ErrorCode.none
    if (!whole) this.#abort()
    this.#unload()
    if (ctx !== undefined) {
      ctx.received = this.#received
      ctx.sent = response.written
      connection.ingress.close(ctx)
    }
    response.release()
    connection.onDone(this, !whole && !this.#broken)
  }

  /** The exchange was given up while its response is on its way. */
  interrupt(error: GatewayError): void {
    // Both sides are told the end, as they would be over HTTP/1.1.
    if (this.#response.switched) return this.#response.endSwitched()
    const ctx = this.#ctx
    if (ctx?.dialect?.interrupt?.(ctx, error) === true) return
    this.#response.cancel(error)
    this.#reset(ErrorCode.cancel)
  }

  expire(now: number): void {
    const { blocked, complete } = this.#response
    if (blocked || complete) return this.#reset(ErrorCode.cancel)
    const timeoutMs = this.#connection.limits.uploadIdleMs
    const error = this.#pace?.problem(now) ?? serverErrors.GW_HTTP1_BODY_TIMEOUT({ timeoutMs })
    this.#body?.fail(error)
    this.#touch()
  }

  onBodyStarted(): void {
    if (this.#head?.expectsContinue === true && !this.#response.begun) this.#stream.inform(100, [])
    this.#touch()
  }

  onBodyMoved(): void {
    this.#touch()
  }

  onResponseMoved(): void {
    this.#touch()
  }

  onWritten(): void {
    // Of a switched stream each direction ends by itself.
    if (this.#open && !this.#response.switched) {
      this.#body?.fail(kernelErrors.GW_BODY_ABORTED())
      this.#stream.refuseRest()
    }
    this.#touch()
  }

  onWriteFailed(error: unknown): void {
    // First, since it is interrupted by what follows.
    this.#reset(this.#response.switched ? ErrorCode.cancel : ErrorCode.internal)
    this.#connection.onBroken(asGatewayError(error), this.#ctx)
  }

  readonly #inform: Inform = (status, headers) => {
    if (!this.#closed) this.#response.inform(status, headers)
  }

  #readHead(fields: readonly string[]): Http2RequestHead | undefined {
    const { limits, maxHeaderListBytes, ingress } = this.#connection
    try {
      const head = readRequestHead(fields, limits, maxHeaderListBytes)
      this.#head = head
      const { authority, method, upgrade } = head
      const misdirected = this.#connection.misdirection(authority)
      if (misdirected !== undefined) throw misdirected
      if (method === 'CONNECT') {
        throw errors.GW_HTTP_CONNECT_REFUSED(undefined, { headers: allowed })
      }
      if (upgrade === undefined || ingress.knowsUpgrade(upgrade)) return head
      throw errors.GW_HTTP2_UNKNOWN_PROTOCOL({ protocol: upgrade })
    } catch (error) {
      const head = this.#head
      const request = head === undefined ? unreadRequest('2') : new GatewayRequest(head, null)
      this.#turnAway(request, asGatewayError(error))
      return undefined
    }
  }

  /** Answers a request that is not routed. */
  #turnAway(request: GatewayRequest, error: GatewayError): void {
    const { ctx, response } = this.#connection.turnAway(request, error)
    this.#ctx = ctx
    this.#respond(response)
  }

  #answer(response: GatewayResponse): void {
    const ctx = this.#ctx
    // The client may have gone while the response was made.
    if (ctx === undefined || this.#closed) return response.discard()
    ctx.interruptible = this
    const { status, upgrade } = response
    if (upgrade === undefined && status < 300 && this.#head?.upgrade !== undefined) {
      // To the client, any 2xx would stand for a switch (RFC 8441 section 5).
      response.discard()
      return this.#instead(errors.GW_HTTP2_NOT_SWITCHED({ status }))
    }
    // A stream that switched protocols may last for days, and has little to do.
    if (upgrade !== undefined) this.#unload()
    this.#respond(response)
  }

  #respond(response: GatewayResponse): void {
    const { upgrade } = response
    const head = this.#head
    try {
      if (upgrade === undefined) this.#response.respond(response, head?.method === 'HEAD')
      else
        this.#response.switch(
          response,
          upgrade,
          head?.upgrade === undefined ? undefined : this.#body,
        )
    } catch (error) {
      response.discard()
      if (this.#response.begun) this.onWriteFailed(error)
      else this.#instead(error)
    }
  }

  /** Answers in place of a response that cannot be sent. */
  #instead(error: unknown): void {
    const failure = asGatewayError(error)
    this.#connection.report(failure, this.#ctx, 'response could not be sent')
    const response = problemResponse(failure)
    if (this.#ctx !== undefined) this.#ctx.response = response
    this.#response.respond(response, this.#head?.method === 'HEAD')
  }

  /** The client has given its request up, or the stream was ended. */
  #abort(): void {
    const ctx = this.#ctx
    if (ctx !== undefined) this.#connection.ingress.abort(ctx)
    const error = ctx?.abortedBy ?? kernelErrors.GW_CLIENT_ABORTED()
    this.#body?.fail(error)
    this.#response.cancel(error)
  }

  #reset(code: Parameters<Http2Stream['reset']>[0]): void {
    this.#broken = true
    this.dueAt = never
    this.#stream.reset(code)
  }

  #unload(): void {
    if (this.#loads) this.#connection.load.end()
    this.#loads = false
  }

  /** Something moved: whatever is due next is due later. */
  #touch(): void {
    const { blocked, complete, switched, written } = this.#response
    // What was switched may be silent as long as it likes.
    if (this.#closed || this.#broken || (switched && !complete)) return
    const { limits, deadlines } = this.#connection
    const uploading = this.#body?.awaited === true
    const patienceMs = uploading ? limits.uploadIdleMs : 0
    this.dueAt = deadlines.later(blocked || complete ? limits.writeStallMs : patienceMs)
    const pace = this.#pace
    if (pace !== undefined) {
      const paced = pace.dueAt(performance.now(), uploading, blocked, written)
      this.dueAt = Math.min(this.dueAt, paced)
    }
    if (this.#watched || this.dueAt === never) return
    this.#watched = true
    deadlines.add(this)
  }
}
