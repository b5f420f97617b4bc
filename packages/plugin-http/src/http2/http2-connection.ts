import type { Socket } from 'node:net'
import type { Deadlines, Http1Limits, Timed } from '@gatewright/http1'
import {
  type GatewayError,
  type GatewayRequest,
  type Inform,
  type Ingress,
  errors as kernelErrors,
  type Refused,
  type RequestContext,
} from '@gatewright/kernel'
import { deadlines } from '../environment.ts'
import { errors } from '../errors.ts'
import type { EntrypointSettings } from '../http-server.ts'
import type { Load } from '../load.ts'
import {
  ErrorCode,
  type Http2Codec,
  type Http2Host,
  type Http2Session,
  type Http2Stream,
  type Http2StreamHost,
} from './codec.ts'
import { FloodGuard } from './flood-guard.ts'
import { Http2Exchange } from './http2-exchange.ts'
import { NodeCodec } from './node-codec.ts'

const codec: Http2Codec = new NodeCodec(deadlines)

/** The connection as the gateway knows it, whatever is spoken on it. */
export interface Http2Client {
  readonly remoteAddress: string
  /** Opens an exchange for a request, with what is to be said of the client. */
  open(request: GatewayRequest, inform: Inform): RequestContext
  /** Why requests for this host may not come over this connection, if they may not. */
  misdirection(authority: string): GatewayError | undefined
  /** Refuses a request that is not routed. */
  turnAway(request: GatewayRequest, error: GatewayError): Refused
  report(failure: GatewayError, ctx: RequestContext | undefined, text: string): void
  /** A response broke off after its head was sent. */
  broke(failure: GatewayError, ctx: RequestContext | undefined): void
  /** The connection is over. */
  onClose(): void
}

/** Serves the streams of one client connection. */
export class Http2Connection implements Http2Host, Timed {
  /** `performance.now()` at which something is to happen with the connection as a whole. */
  dueAt: number
  readonly ingress: Ingress
  readonly limits: Http1Limits
  readonly maxHeaderListBytes: number
  readonly load: Load
  readonly deadlines: Deadlines = deadlines
  readonly #client: Http2Client
  readonly #maxRequests: number
  readonly #session: Http2Session
  readonly #exchanges = new Set<Http2Exchange>()
  readonly #resets: FloodGuard
  readonly #settings: FloodGuard
  readonly #pings: FloodGuard
  #requests = 0
  /** The client has said what it wants; until then it has `header_timeout`. */
  #stands = false
  /** `ending`: the client was told to go; `closing`: no streams are taken; `cut`: time is up. */
  #state: 'open' | 'ending' | 'closing' | 'cut' | 'closed' = 'open'

  constructor(socket: Socket, settings: EntrypointSettings, ingress: Ingress, client: Http2Client) {
    const { limits, http2, load, maxRequests } = settings
    this.ingress = ingress
    this.limits = limits
    this.maxHeaderListBytes = http2.maxHeaderListBytes
    this.load = load
    this.#client = client
    this.#maxRequests = maxRequests
    this.#resets = new FloodGuard('resets', http2.maxResets)
    this.#settings = new FloodGuard('SETTINGS', http2.maxSettings)
    this.#pings = new FloodGuard('PINGs', http2.maxPings)
    this.dueAt = deadlines.later(limits.headerTimeoutMs)
    deadlines.add(this)
    const { maxConcurrentStreams, maxHeaderListBytes } = http2
    const bounds = { maxConcurrentStreams, maxHeaderListBytes, maxHeaders: limits.headerCount }
    this.#session = codec.serve(socket, bounds, this)
  }

  /** Takes no more streams and closes when the present ones are over. */
  drain(idleMs: number): void {
    if (this.#state !== 'open') return
    if (idleMs === 0) return this.#close()
    // A client that has not heard of it yet may have sent another request.
    this.#state = 'ending'
    this.#session.announceEnd()
    this.dueAt = Math.min(this.dueAt, deadlines.later(idleMs))
  }

  /** Closes now. Exchanges that have no response yet get one that says why. */
  cutOff(): void {
    const { ingress } = this
    for (const { ctx } of this.#exchanges) {
      if (ctx !== undefined) ingress.abort(ctx, kernelErrors.GW_DRAINING())
    }
    if (this.#state === 'closed') return
    this.#close()
    this.#state = 'cut'
    this.dueAt = deadlines.later(farewellMs)
  }

  onSettings(): void {
    if (!this.#stands) {
      this.#stands = true
      this.#touch()
    }
    this.#count(this.#settings)
  }

  onPing(): void {
    this.#count(this.#pings)
  }

  onStream(stream: Http2Stream, fields: readonly string[], ended: boolean): Http2StreamHost {
    const exchange = new Http2Exchange(this, stream)
    this.#exchanges.add(exchange)
    this.#requests++
    this.#touch()
    if (this.#isLast()) this.#close()
    exchange.begin(fields, ended)
    return exchange
  }

  onClosed(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    deadlines.remove(this)
    this.#client.onClose()
  }

  expire(): void {
    if (this.#state === 'ending') return this.#close()
    this.dueAt = Number.POSITIVE_INFINITY
    if (this.#state !== 'open' || !this.#stands) return this.#session.destroy(ErrorCode.none)
    this.#close()
  }

  /** Opens an exchange. */
  open(request: GatewayRequest, inform: Inform): RequestContext {
    return this.#client.open(request, inform)
  }

  misdirection(authority: string): GatewayError | undefined {
    return this.#client.misdirection(authority)
  }

  /** Opens the exchange of a request that is refused. */
  turnAway(request: GatewayRequest, error: GatewayError): Refused {
    return this.#client.turnAway(request, error)
  }

  /** An exchange is over. @param reset The client has given it up. */
  onDone(exchange: Http2Exchange, reset: boolean): void {
    this.#exchanges.delete(exchange)
    this.#touch()
    // The end of a connection is the end of all its streams.
    if (reset && !this.#session.over) this.#count(this.#resets)
  }

  report(failure: GatewayError, ctx: RequestContext | undefined, text: string): void {
    this.#client.report(failure, ctx, text)
  }

  onBroken(failure: GatewayError, ctx: RequestContext | undefined): void {
    this.#client.broke(failure, ctx)
  }

  #close(): void {
    if (this.#state !== 'open' && this.#state !== 'ending') return
    this.#state = 'closing'
    this.#touch()
    this.#session.close()
  }

  /** Whether the connection ends with the present request. */
  #isLast(): boolean {
    if (this.#state !== 'open') return false
    const max = this.#maxRequests
    return this.ingress.draining || (max > 0 && this.#requests >= max)
  }

  #count(guard: FloodGuard): void {
    if (this.#state === 'closed' || guard.pass(performance.now())) return
    const { what, limit } = guard
    this.report(errors.GW_HTTP2_FLOOD({ what, limit }), undefined, 'connection closed')
    this.#session.destroy(ErrorCode.enhanceYourCalm)
  }

  /** A stream began or ended. */
  #touch(): void {
    if (this.#state === 'ending' || this.#state === 'cut') return
    const idle = this.#exchanges.size === 0 && this.#stands
    const { keepAliveMs } = this.limits
    if (idle) this.dueAt = deadlines.later(this.#state === 'closing' ? farewellMs : keepAliveMs)
    else if (this.#stands) this.dueAt = Number.POSITIVE_INFINITY
  }
}

/** How long a client may take to close a connection on which nothing is left to do. */
const farewellMs = 2000
