import type { Socket } from 'node:net'
import { PortableWire, ServerConnection, type ServerHost } from '@gatewright/http1'
import {
  asGatewayError,
  type Connection,
  type GatewayRequest,
  type GatewayResponse,
  type Ingress,
  type Interruptible,
  isThenable,
  problemResponse,
  type RequestContext,
  type Snapshot,
} from '@gatewright/kernel'
import { deadlines, heads } from './environment.ts'
import { errors } from './errors.ts'
import { ForwardedFields } from './forwarded-fields.ts'
import type { EntrypointSettings } from './http-server.ts'
import { plainAddress } from './trusted-peers.ts'

let lastId = 0

/** One client connection: leads what the engine reads through the gateway. */
export class HttpConnection implements Connection, ServerHost, Interruptible {
  readonly id: number = ++lastId
  readonly entrypoint: string
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localPort: number
  readonly encrypted = false
  readonly serverName = undefined
  readonly alpn = undefined
  readonly snapshot: Snapshot
  readonly limits: EntrypointSettings['limits']
  readonly deadlines = deadlines
  readonly heads = heads
  readonly #socket: Socket
  readonly #settings: EntrypointSettings
  readonly #ingress: Ingress
  readonly #onClosed: () => void
  readonly #forwarded: ForwardedFields
  #engine: ServerConnection | undefined = undefined
  #ctx: RequestContext | undefined = undefined
  #requests = 0
  #deferred: (() => void)[] | undefined = undefined

  constructor(
    socket: Socket,
    settings: EntrypointSettings,
    ingress: Ingress,
    onClosed: () => void,
  ) {
    this.#socket = socket
    this.#settings = settings
    this.#ingress = ingress
    this.#onClosed = onClosed
    this.entrypoint = settings.name
    this.limits = settings.limits
    this.snapshot = ingress.snapshot
    this.remoteAddress = plainAddress(socket.remoteAddress ?? '')
    this.remotePort = socket.remotePort ?? 0
    this.localPort = socket.localPort ?? 0
    this.#forwarded = new ForwardedFields(this.remoteAddress, settings.trusted, 'http')
  }

  /** Lets the connection in, or closes it. */
  begin(): void {
    const refusal = this.#ingress.admit(this) ?? this.#ingress.identify(this)
    if (refusal === undefined) {
      const wire = new PortableWire(this.#socket)
      this.#engine = new ServerConnection(wire, this)
      return
    }
    this.#socket.on('error', ignore)
    if (refusal.reset === true) this.#socket.resetAndDestroy()
    else this.#socket.destroy()
    this.onClose()
  }

  /** Closes when the present exchange is over. */
  drain(): void {
    this.#engine?.drain()
  }

  /** Closes now. */
  cutOff(): void {
    this.#engine?.destroy()
  }

  defer(fn: () => void): void {
    this.#deferred ??= []
    this.#deferred.push(fn)
  }

  clientAddressOf(request: GatewayRequest): string {
    if (!this.#forwarded.trusted) return this.remoteAddress
    const lines = request.headers.getAll('x-forwarded-for')
    return this.#settings.trusted.clientOf(lines, this.remoteAddress)
  }

  onRequest(engine: ServerConnection, request: GatewayRequest): void {
    this.#requests++
    if (request.method === 'CONNECT') {
      return engine.respond(problemResponse(errors.GW_HTTP_CONNECT_REFUSED()), true)
    }
    this.#forwarded.apply(request)
    const ctx = this.#ingress.openRequest(this, request, (status, headers) =>
      engine.inform(status, headers),
    )
    this.#ctx = ctx
    const response = this.#ingress.handle(ctx)
    if (!isThenable(response)) return this.#answer(engine, ctx, response)
    response.then((settled) => this.#answer(engine, ctx, settled))
  }

  onAbort(): void {
    if (this.#ctx !== undefined) this.#ingress.abort(this.#ctx)
  }

  onDone(): void {
    const ctx = this.#ctx
    this.#ctx = undefined
    if (ctx !== undefined) this.#ingress.close(ctx)
  }

  onFault(_engine: ServerConnection, error: unknown): GatewayResponse {
    return problemResponse(asGatewayError(error))
  }

  onClose(): void {
    const deferred = this.#deferred
    this.#deferred = undefined
    if (deferred !== undefined) for (const fn of deferred.toReversed()) fn()
    this.#onClosed()
  }

  /** The exchange whose response is on its way was given up. */
  interrupt(): void {
    this.#engine?.destroy()
  }

  #answer(engine: ServerConnection, ctx: RequestContext, response: GatewayResponse): void {
    // The client may have gone while the response was made.
    if (ctx !== this.#ctx) return response.discard()
    ctx.interruptible = this
    const { maxRequests } = this.#settings
    const last = maxRequests > 0 && this.#requests >= maxRequests
    engine.respond(response, last || this.#ingress.draining)
  }
}

function ignore(): void {
  // The connection was refused; how it ends concerns nobody.
}
