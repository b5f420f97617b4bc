import type { Socket } from 'node:net'
import { type Accepted, ServerConnection, type ServerHost } from '@gatewright/http1'
import { plainAddress } from '@gatewright/ip-networks'
import {
  asGatewayError,
  type ClientCertificate,
  type Connection,
  type GatewayError,
  type GatewayRequest,
  type GatewayResponse,
  type Inform,
  type Ingress,
  type Interruptible,
  isThenable,
  errors as kernelErrors,
  problemResponse,
  type Refusal,
  type Refused,
  type RequestContext,
  type Scope,
  type Snapshot,
  unreadRequest,
} from '@gatewright/kernel'
import type { Handshake, HandshakeEvents, HandshakeFailure, Secured } from '@gatewright/tls'
import { clientCertField } from './client-cert-field.ts'
import { deadlines, heads, io } from './environment.ts'
import { errors } from './errors.ts'
import { logFailure } from './failure-log.ts'
import { ForwardedFields } from './forwarded-fields.ts'
import type { EntrypointSettings } from './http-server.ts'
import { Http2Connection } from './http2/http2-connection.ts'
import { isMisdirected } from './misdirected.ts'
import { refuse, refuseCleartext } from './refusing.ts'

let lastId = 0

const tooManyHandshakes = { reason: 'too many handshakes', code: 'GW_TLS_HANDSHAKES' }

/** What a 405 must say (RFC 9110 section 15.5.6); others pass as well. */
const allowed = ['allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE']

/** One client connection: leads what the engine reads through the gateway. */
export class HttpConnection implements Connection, ServerHost, Interruptible, HandshakeEvents {
  readonly id: number = ++lastId
  readonly entrypoint: string
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localPort: number
  readonly encrypted: boolean
  readonly clientAddressIsClaimed: boolean
  readonly snapshot: Snapshot
  readonly limits: EntrypointSettings['limits']
  readonly deadlines = deadlines
  readonly heads = heads
  /** Whether HTTP/2 with prior knowledge is taken. */
  readonly http2: boolean
  readonly #accepted: Accepted
  readonly #settings: EntrypointSettings
  readonly #ingress: Ingress
  readonly #log: Scope['log']
  readonly #onClosed: () => void
  #forwarded: ForwardedFields
  /** As long as it goes on. */
  #handshake: Handshake | undefined = undefined
  #secured: Secured | undefined = undefined
  /** The last host that requests may come for; clients rarely ask one connection for two. */
  #rightHost: string | undefined = undefined
  #engine: ServerConnection | undefined = undefined
  /** What took over from the engine. */
  #streams: Http2Connection | undefined = undefined
  #ctx: RequestContext | undefined = undefined
  /** Of the present request. */
  #clientAddress: string
  #requests = 0
  /** The present request counts as load. */
  #loads = false
  #deferred: (() => void)[] = []
  #closed = false
  // Made once for all requests, which come one after the other.
  readonly #inform: Inform = (status, headers) => this.#engine?.inform(status, headers)
  readonly #onSettled = (response: GatewayResponse): void => this.#answer(response)

  constructor(
    accepted: Accepted,
    settings: EntrypointSettings,
    ingress: Ingress,
    log: Scope['log'],
    onClosed: () => void,
  ) {
    this.#accepted = accepted
    this.#settings = settings
    this.#ingress = ingress
    this.#log = log
    this.#onClosed = onClosed
    this.entrypoint = settings.name
    this.limits = settings.limits
    this.http2 = settings.http2.cleartext && settings.tls === undefined
    this.snapshot = ingress.snapshot
    this.remoteAddress = plainAddress(accepted.remoteAddress ?? '')
    this.remotePort = accepted.remotePort
    this.localPort = accepted.localPort
    this.#clientAddress = this.remoteAddress
    this.encrypted = settings.tls !== undefined
    this.clientAddressIsClaimed = settings.trusted.everybody
    const proto = this.encrypted ? 'https' : 'http'
    this.#forwarded = new ForwardedFields(this.remoteAddress, settings.trusted, proto)
  }

  get serverName(): string | undefined {
    return this.#secured?.serverName
  }

  get alpn(): string | undefined {
    return this.#secured?.alpn
  }

  get offeredAlpn(): readonly string[] | undefined {
    return this.#secured?.offeredAlpn
  }

  get clientCertificate(): ClientCertificate | undefined {
    return this.#secured?.clientCertificate
  }

  get fromTrustedProxy(): boolean {
    return this.#settings.trusted.names(this.remoteAddress)
  }

  /** Lets the connection in, or closes it. */
  begin(): void {
    const { tls } = this.#settings
    const refusal = this.#ingress.admit(this)
    if (refusal !== undefined) return this.#refuse(refusal)
    if (tls === undefined) return this.#identify()
    const socket = this.#accepted.socket()
    this.#handshake = tls.handshake(socket, this)
    if (this.#handshake === undefined) {
      this.#ingress.refused(this, tooManyHandshakes)
      this.#refuse(tooManyHandshakes, socket)
    }
  }

  onSecured(secured: Secured): void {
    this.#handshake = undefined
    this.#secured = secured
    const { tls, trusted } = this.#settings
    const shown = secured.clientCertificate
    if (shown !== undefined) {
      const field = clientCertField(shown, tls?.forwardPem === true)
      this.#forwarded = new ForwardedFields(this.remoteAddress, trusted, 'https', field)
    }
    this.#identify()
  }

  onFailed({ problem, cleartext }: HandshakeFailure): void {
    this.#handshake = undefined
    this.#settings.tls?.note(this.remoteAddress, problem)
    this.#ingress.refused(this, { reason: problem, code: 'GW_TLS_HANDSHAKE' })
    if (cleartext !== undefined) refuseCleartext(cleartext.socket, cleartext.bytes)
    this.onClose()
  }

  /** Closes when the present exchange is over. */
  drain(idleMs: number): void {
    this.#cutHandshake()
    if (this.#streams !== undefined) return this.#streams.drain(idleMs)
    this.#engine?.drain(idleMs)
  }

  /** Closes now. An exchange that has no response yet gets one that says why. */
  cutOff(): void {
    this.#cutHandshake()
    if (this.#streams !== undefined) return this.#streams.cutOff()
    if (this.#ctx !== undefined) this.#ingress.abort(this.#ctx, kernelErrors.GW_DRAINING())
    this.#engine?.destroy()
  }

  defer(fn: () => void): void {
    if (this.#closed) fn()
    else this.#deferred.push(fn)
  }

  clientAddressOf(): string {
    return this.#clientAddress
  }

  knowsUpgrade(token: string): boolean {
    return this.#ingress.knowsUpgrade(token)
  }

  onRequest(engine: ServerConnection, request: GatewayRequest): void {
    this.#requests++
    const refusal = this.#objection(request)
    if (refusal !== undefined) {
      const response = this.#turnAway(request, refusal)
      return engine.respond(response, request.method === 'CONNECT' || this.#isLast())
    }
    const { load } = this.#settings
    const ctx = this.open(request, this.#inform)
    this.#ctx = ctx
    load.begin()
    this.#loads = true
    const response = this.#ingress.handle(ctx)
    if (isThenable(response)) response.then(this.#onSettled)
    else this.#answer(response)
  }

  /** Opens an exchange for a request, with what is to be said of the client. */
  open(request: GatewayRequest, inform: Inform): RequestContext {
    this.#clientAddress = this.#forwarded.apply(request)
    return this.#forwarded.settle(this.#ingress.openRequest(this, request, inform))
  }

  /** Refuses a request that is not routed. */
  turnAway(request: GatewayRequest, error: GatewayError): Refused {
    this.report(error, undefined, 'request refused')
    this.#clientAddress = this.#forwarded.apply(request)
    const refused = this.#ingress.refuse(this, request, error)
    this.#forwarded.settle(refused.ctx)
    return refused
  }

  onHttp2(_engine: ServerConnection | undefined, socket: Socket): void {
    this.#engine = undefined
    this.#streams = new Http2Connection(socket, this.#settings, this.#ingress, this)
  }

  /** Why requests for this host may not come over this connection, if they may not. */
  misdirection(host: string): GatewayError | undefined {
    const secured = this.#secured
    if (secured === undefined || host === this.#rightHost) return undefined
    if (!isMisdirected(secured, host)) {
      this.#rightHost = host
      return undefined
    }
    return errors.GW_HTTP_MISDIRECTED({ host, serverName: secured.serverName ?? '' })
  }

  onFault(_engine: ServerConnection, error: unknown): GatewayResponse {
    return this.#turnAway(unreadRequest('1.1'), asGatewayError(error))
  }

  onUnsendable(_engine: ServerConnection, error: unknown): GatewayResponse {
    const failure = asGatewayError(error)
    this.report(failure, this.#ctx, 'response could not be sent')
    const response = problemResponse(failure)
    if (this.#ctx !== undefined) this.#ctx.response = response
    return response
  }

  onBroken(_engine: ServerConnection, error: unknown): void {
    const failure = asGatewayError(error)
    this.broke(failure, this.#ctx)
  }

  /** A response broke off after its head was sent. */
  broke(failure: GatewayError, ctx: RequestContext | undefined): void {
    this.report(failure, ctx, 'response broke off')
    if (ctx === undefined) return
    const attempt = ctx.attempts?.at(-1)
    if (attempt !== undefined && failure.source === 'upstream') attempt.error ??= failure
    this.#ingress.abort(ctx, failure)
  }

  onAbort(): void {
    if (this.#ctx !== undefined) this.#ingress.abort(this.#ctx)
  }

  onDone({ received, sent }: ServerConnection): void {
    const ctx = this.#ctx
    this.#ctx = undefined
    if (ctx === undefined) return
    ctx.received = received
    ctx.sent = sent
    this.#unload()
    this.#ingress.close(ctx)
  }

  onClose(): void {
    this.#closed = true
    for (const fn of this.#deferred.toReversed()) {
      try {
        fn()
      } catch (error) {
        this.#log.error({ err: error }, 'deferred work of a connection failed')
      }
    }
    this.#deferred = []
    this.#onClosed()
  }

  /** The exchange whose response is on its way was given up. */
  interrupt(): void {
    this.#engine?.destroy()
  }

  /** Why a request is not even routed, if that is so. */
  #objection({ method, authority }: GatewayRequest): GatewayError | undefined {
    if (method === 'CONNECT') {
      return errors.GW_HTTP_CONNECT_REFUSED(undefined, { headers: allowed })
    }
    const { load } = this.#settings
    return this.misdirection(authority) ?? (load.full ? load.refuse() : undefined)
  }

  /** What a request is answered that is not routed. It is over like any other one, in `onDone`. */
  #turnAway(request: GatewayRequest, error: GatewayError): GatewayResponse {
    const { ctx, response } = this.turnAway(request, error)
    this.#ctx = ctx
    return response
  }

  /** Everything is known of the client that can be known before it asks for something. */
  #identify(): void {
    const refusal = this.#ingress.identify(this)
    if (refusal !== undefined) return this.#refuse(refusal)
    const socket = this.#secured?.socket
    if (socket !== undefined && this.alpn === 'h2') return this.onHttp2(undefined, socket)
    const wire = socket === undefined ? this.#accepted.wire() : io.wire(socket)
    this.#engine = new ServerConnection(wire, this)
  }

  #refuse(refusal: Refusal, socket = this.#secured?.socket ?? this.#accepted.socket()): void {
    const { remoteAddress } = this
    this.#log.debug({ remoteAddress, reason: refusal.reason }, 'connection refused')
    // Who expects TLS can read nothing else.
    refuse(socket, refusal, !this.encrypted || this.#secured !== undefined)
    this.onClose()
  }

  #cutHandshake(): void {
    const handshake = this.#handshake
    if (handshake === undefined) return
    this.#handshake = undefined
    handshake.cut()
    this.onClose()
  }

  #answer(response: GatewayResponse): void {
    const ctx = this.#ctx
    const engine = this.#engine
    // The client may have gone while the response was made.
    if (ctx === undefined || engine === undefined) return response.discard()
    ctx.interruptible = this
    // A connection that switched protocols may last for days, and has little to do.
    if (response.upgrade !== undefined) this.#unload()
    engine.respond(response, this.#isLast())
  }

  #unload(): void {
    if (this.#loads) this.#settings.load.end()
    this.#loads = false
  }

  /** Whether the connection ends with the present request. */
  #isLast(): boolean {
    const { maxRequests } = this.#settings
    return this.#ingress.draining || (maxRequests > 0 && this.#requests >= maxRequests)
  }

  /** Tells the log of a failure. */
  report(error: GatewayError, ctx: RequestContext | undefined, text: string): void {
    logFailure(this.#log, error, this.remoteAddress, ctx, text)
  }
}
