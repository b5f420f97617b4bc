import { type ClientPace, paceFor, serverErrors, type Timed } from '@gatewright/http1'
import {
  asGatewayError,
  type BodySink,
  type BodySource,
  type GatewayError,
  GatewayRequest,
  type GatewayResponse,
  type HeaderList,
  type Inform,
  type Interruptible,
  isThenable,
  errors as kernelErrors,
  problemResponse,
  type RequestContext,
} from '@gatewright/kernel'
import { errors } from '../errors.ts'
import { ErrorCode, type Http2Stream, type Http2StreamHost } from './codec.ts'
import type { Http2Connection } from './http2-connection.ts'
import { type Http2RequestHead, readRequestHead } from './request-fields.ts'
import { interimFields, responseFields, trailerFields } from './response-fields.ts'
import { StreamBody, type StreamBodyHost } from './stream-body.ts'

/** One stream of a client: its request, led through the gateway, and the response. */
export class Http2Exchange
  implements Http2StreamHost, StreamBodyHost, BodySink, Interruptible, Timed
{
  /** `performance.now()` at which the client is late. */
  dueAt = Number.POSITIVE_INFINITY
  readonly #connection: Http2Connection
  readonly #stream: Http2Stream
  readonly #pace: ClientPace | undefined
  #head: Http2RequestHead | undefined = undefined
  #ctx: RequestContext | undefined = undefined
  #body: StreamBody | undefined = undefined
  #source: BodySource | undefined = undefined
  /** Of the response that is sent. */
  #headers: HeaderList | undefined = undefined
  /** Bytes of the response that are still to come, or -1. */
  #remaining = -1
  #written = 0
  /** The head of the response was sent. */
  #begun = false
  /** All of the response was given to the stream. */
  #complete = false
  /** The client does not keep up. */
  #blocked = false
  /** The gateway has ended the stream. */
  #broken = false
  #watched = false
  #closed = false

  constructor(connection: Http2Connection, stream: Http2Stream) {
    this.#connection = connection
    this.#stream = stream
    this.#pace = paceFor(connection.limits)
  }

  get ctx(): RequestContext | undefined {
    return this.#ctx
  }

  /** Reads the head and hands the request on. */
  begin(fields: readonly string[], ended: boolean): void {
    // Nobody waits for it; to begin would be work for whoever floods us.
    if (this.#stream.aborted) return
    const head = this.#readHead(fields)
    if (head === undefined) return
    if (!ended) this.#body = new StreamBody(this.#stream, head.contentLength, this)
    this.#pace?.begin()
    const connection = this.#connection
    const { load, ingress } = connection
    const request = new GatewayRequest(head, this.#body ?? null)
    if (load.full) return this.#respond(ingress.refuse(request, load.refuse()))
    const ctx = connection.open(request, this.#inform)
    this.#ctx = ctx
    load.begin()
    const response = ingress.handle(ctx)
    if (isThenable(response)) response.then((settled) => this.#answer(settled))
    else this.#answer(response)
  }

  onData(bytes: Buffer): void {
    this.#pace?.received(bytes.length, performance.now())
    this.#body?.write(bytes)
  }

  onEnd(trailers: readonly string[] | undefined): void {
    this.#body?.end(trailers)
    this.#touch()
  }

  onWritable(): void {
    if (!this.#blocked) return
    this.#blocked = false
    this.#touch()
    this.#source?.resume()
  }

  onClosed(code: number): void {
    if (this.#closed) return
    this.#closed = true
    const { deadlines, ingress, load } = this.#connection
    if (this.#watched) deadlines.remove(this)
    const ctx = this.#ctx
    const whole = this.#complete && code === ErrorCode.none
    if (!whole && ctx !== undefined) ingress.abort(ctx)
    const error = ctx?.abortedBy ?? kernelErrors.GW_CLIENT_ABORTED()
    this.#takeSource()?.cancel(error)
    this.#body?.fail(error)
    if (ctx !== undefined) {
      load.end()
      ingress.close(ctx)
    }
    this.#connection.onDone(this, !whole && !this.#broken)
  }

  /** The exchange was given up while its response is on its way. */
  interrupt(error: GatewayError): void {
    this.#takeSource()?.cancel(error)
    this.#reset(ErrorCode.cancel)
  }

  expire(now: number): void {
    if (this.#blocked) {
      this.dueAt = Number.POSITIVE_INFINITY
      return this.#reset(ErrorCode.cancel)
    }
    const timeoutMs = this.#connection.limits.uploadIdleMs
    const error = this.#pace?.problem(now) ?? serverErrors.GW_HTTP1_BODY_TIMEOUT({ timeoutMs })
    this.#body?.fail(error)
    this.#touch()
  }

  onBodyStarted(): void {
    if (this.#head?.expectsContinue === true && !this.#begun) this.#stream.inform(100, [])
    this.#touch()
  }

  onBodyMoved(): void {
    this.#touch()
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#source === undefined) return false
    const size = end - start
    if (size === 0) return true
    if (this.#remaining >= 0) {
      this.#remaining -= size
      if (this.#remaining < 0) {
        this.#break('the body is longer than its content-length')
        return false
      }
    }
    this.#written += size
    const ready = this.#stream.write(bytes, start, end)
    this.#blocked = !ready
    this.#touch()
    return ready
  }

  end(trailers: HeaderList | undefined): void {
    if (this.#source === undefined) return
    if (this.#remaining > 0) return this.#break('the body is shorter than its content-length')
    this.#source = undefined
    let fields: string[] | undefined
    try {
      fields = trailers && trailerFields(this.#headers?.filterTrailers(trailers) ?? trailers)
    } catch (error) {
      // The client must not take the message for a whole one.
      return this.#breakOff(error)
    }
    this.#stream.end(fields)
    this.#finish()
  }

  fail(error: unknown): void {
    if (this.#takeSource() !== undefined) this.#breakOff(error)
  }

  readonly #inform: Inform = (status, headers) => {
    const interim = Number.isInteger(status) && status > 101 && status < 200
    if (interim && !this.#begun && !this.#closed) {
      this.#stream.inform(status, interimFields(headers))
    }
  }

  #readHead(fields: readonly string[]): Http2RequestHead | undefined {
    const { limits, maxHeaderListBytes } = this.#connection
    try {
      const head = readRequestHead(fields, limits, maxHeaderListBytes)
      this.#head = head
      const misdirected = this.#connection.misdirection(head.authority)
      if (misdirected !== undefined) this.#refuse(misdirected)
      else if (head.method !== 'CONNECT') return head
      else this.#refuse(errors.GW_HTTP_CONNECT_REFUSED(undefined, { headers: allowed }))
    } catch (error) {
      this.#refuse(error)
    }
    return undefined
  }

  #refuse(error: unknown): void {
    const failure = asGatewayError(error)
    this.#connection.report(failure, undefined, 'request refused')
    this.#respond(problemResponse(failure))
  }

  #answer(response: GatewayResponse): void {
    const ctx = this.#ctx
    // The client may have gone while the response was made.
    if (ctx === undefined || this.#closed) return response.discard()
    ctx.interruptible = this
    this.#respond(response)
  }

  #respond(response: GatewayResponse): void {
    if (this.#closed || this.#begun) return response.discard()
    try {
      this.#send(response)
    } catch (error) {
      response.discard()
      if (this.#begun) return this.#breakOff(error)
      const failure = asGatewayError(error)
      this.#connection.report(failure, this.#ctx, 'response could not be sent')
      const other = problemResponse(failure)
      if (this.#ctx !== undefined) this.#ctx.response = other
      this.#send(other)
    }
  }

  /** Throws, with nothing sent, if the head cannot be sent. */
  #send(response: GatewayResponse): void {
    const { status } = response
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw serverErrors.GW_HTTP1_UNSENDABLE_STATUS({ status })
    }
    const length = response.bodyLength
    const omitted = this.#head?.method === 'HEAD' || status === 304
    const fields = responseFields(response, this.#toldLength(response, omitted))
    this.#begun = true
    this.#headers = response.headers
    const bodiless = omitted || length === 0 || status === 204
    const source = bodiless ? undefined : response.takeBody()
    this.#remaining = length ?? -1
    // Whether trailers follow is known at the end only of a body that has no length.
    this.#stream.respond(fields, source === undefined, !bodiless && length === undefined)
    if (source === undefined) {
      response.discard()
      return this.#finish()
    }
    this.#source = source
    source.start(this)
  }

  /** What `responseFields` is to say of the length. */
  #toldLength({ status, hasBody, bodyLength }: GatewayResponse, omitted: boolean) {
    if (status === 204) return undefined
    return omitted && (!hasBody || bodyLength === undefined) ? -1 : bodyLength
  }

  /** The response is complete. */
  #finish(): void {
    this.#complete = true
    const body = this.#body
    if (body !== undefined && !body.done) {
      body.fail(kernelErrors.GW_BODY_ABORTED())
      this.#stream.refuseRest()
    }
    this.#touch()
  }

  #break(problem: string): void {
    const error = kernelErrors.GW_INTERNAL({ problem })
    this.#takeSource()?.cancel(error)
    this.#breakOff(error)
  }

  /** The response broke off after its head was sent. */
  #breakOff(error: unknown): void {
    // First, since it is interrupted by what follows.
    this.#reset(ErrorCode.internal)
    this.#connection.onBroken(asGatewayError(error), this.#ctx)
  }

  #reset(code: Parameters<Http2Stream['reset']>[0]): void {
    this.#broken = true
    this.#stream.reset(code)
  }

  #takeSource(): BodySource | undefined {
    const source = this.#source
    this.#source = undefined
    return source
  }

  /** Something moved: whatever is due next is due later. */
  #touch(): void {
    if (this.#closed) return
    const { limits, deadlines } = this.#connection
    const uploading = this.#body?.awaited === true
    const waits = this.#blocked || this.#complete
    const patienceMs = waits ? limits.writeStallMs : uploading ? limits.uploadIdleMs : 0
    this.dueAt = deadlines.later(patienceMs)
    const pace = this.#pace
    if (pace !== undefined) {
      const paced = pace.dueAt(performance.now(), uploading, this.#blocked, this.#written)
      this.dueAt = Math.min(this.dueAt, paced)
    }
    if (this.#watched || this.dueAt === Number.POSITIVE_INFINITY) return
    this.#watched = true
    deadlines.add(this)
  }
}

/** What a 405 must say (RFC 9110 section 15.5.6); others pass as well. */
const allowed = ['allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE']
