import { Socket } from 'node:net'
import { resetSocket } from '@gatewright/http1'
import { plainAddress } from '@gatewright/ip-networks'
import {
  asGatewayError,
  type ClientCertificate,
  type Connection,
  type GatewayError,
  type Ingress,
  errors as kernelErrors,
  logFailureRarely,
  type Refusal,
  type Scope,
  type Snapshot,
  type StreamContext,
  type Tunnel,
} from '@gatewright/kernel'
import { ClientHelloReader, type ServerTls, unrecognizedName } from '@gatewright/tls'
import { errors } from './errors.ts'
import { FirstBytes } from './first-bytes.ts'
import { type ProxiedEnds, readProxyHeader } from './proxy-header.ts'
import { type Ending, Relay, type Traffic } from './relay.ts'
import { secured } from './secured.ts'
import type { EntrypointSettings } from './tcp-server.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

let lastId = 0

/** One client connection, from its acceptance to its end. */
export class TcpConnection implements Connection {
  readonly id: number = ++lastId
  readonly entrypoint: string
  remoteAddress: string
  remotePort: number
  localAddress: string
  localPort: number
  /** Until a PROXY header says on whose behalf it comes. */
  fromTrustedProxy: boolean
  readonly encrypted: boolean
  serverName: string | undefined = undefined
  alpn: string | undefined = undefined
  offeredAlpn: readonly string[] | undefined = undefined
  clientCertificate: ClientCertificate | undefined = undefined
  readonly snapshot: Snapshot
  /** What the client sends and gets; in cleartext, once it is decrypted. */
  #socket: Socket
  readonly #settings: EntrypointSettings
  readonly #ingress: Ingress
  readonly #log: Scope['log']
  readonly #onClosed: () => void
  #ctx: StreamContext | undefined = undefined
  #relay: Relay | undefined = undefined
  #deferred: (() => void)[] = []
  #finished = false

  constructor(
    socket: Socket,
    settings: EntrypointSettings,
    ingress: Ingress,
    log: Scope['log'],
    onClosed: () => void,
  ) {
    this.#socket = socket
    this.#settings = settings
    this.#ingress = ingress
    this.#log = log
    this.#onClosed = onClosed
    this.entrypoint = settings.name
    this.snapshot = ingress.snapshot
    this.remoteAddress = plainAddress(socket.remoteAddress ?? '')
    this.remotePort = socket.remotePort ?? 0
    this.localAddress = plainAddress(socket.localAddress ?? '')
    this.localPort = socket.localPort ?? 0
    this.encrypted = settings.tls !== undefined
    this.fromTrustedProxy = settings.proxies?.has(this.remoteAddress) === true
    socket.on('error', ignore).on('close', () => this.#onClose())
  }

  /** Lets the connection in, or closes it. */
  begin(): void {
    const proxies = this.fromTrustedProxy ? this.#settings.proxies : undefined
    const known = proxies === undefined && !this.encrypted
    const refusal = this.#ingress.admit(this) ?? (known ? this.#ingress.identify(this) : undefined)
    if (refusal !== undefined) return this.#refuse(refusal)
    this.#serve(proxies).then(undefined, (error: unknown) => this.#giveUp(error))
  }

  defer(fn: () => void): void {
    if (this.#finished) fn()
    else this.#deferred.push(fn)
  }

  /** Whoever has not said yet where to go will not get there; the others may end by themselves. */
  drain(): void {
    if (this.#ctx === undefined) this.#socket.destroy()
  }

  /** Time is up. */
  cutOff(): void {
    if (this.#ctx === undefined) this.#socket.destroy()
    else this.#ingress.abort(this.#ctx, kernelErrors.GW_DRAINING())
  }

  async #serve(proxies: TrustedProxies | undefined): Promise<void> {
    const { tls } = this.#settings
    if (proxies === undefined && tls !== undefined) return this.#decrypt(tls)
    if (proxies === undefined && !this.#peeks()) return this.#passOn(noBytes)
    const first = new FirstBytes(this.#socket)
    try {
      if (proxies !== undefined && !(await this.#isProxied(first, proxies))) return
      if (tls === undefined && this.#peeks()) await this.#peek(first)
    } finally {
      first.stop()
    }
    if (this.#finished) return
    if (tls === undefined) return this.#passOn(first.unread)
    this.#socket.unshift(first.unread)
    await this.#decrypt(tls)
  }

  /** Passes on what the client says below its TLS. */
  async #decrypt(tls: ServerTls): Promise<void> {
    const outcome = await secured(tls, this.#socket, this.remoteAddress)
    if (outcome === undefined) return
    this.#socket = outcome.socket.on('error', ignore)
    if (this.#finished) return
    this.serverName = outcome.serverName
    this.alpn = outcome.alpn
    this.offeredAlpn = outcome.offeredAlpn
    this.clientCertificate = outcome.clientCertificate
    const refusal = this.#ingress.identify(this)
    if (refusal !== undefined) return this.#refuse(refusal)
    await this.#passOn(noBytes)
  }

  /** Takes the word of a proxy for who the client is. False if the connection is closed instead. */
  async #isProxied(first: FirstBytes, proxies: TrustedProxies): Promise<boolean> {
    first.limit(proxies.timeoutMs)
    let header = readProxyHeader(first.unread)
    while (header.state === 'partial') {
      if (!(await first.more())) break
      header = readProxyHeader(first.unread)
    }
    if (this.#finished) return false
    if (header.state !== 'complete') {
      const problem = header.state === 'invalid' ? header.problem : 'it did not come in time'
      const level = proxies.mayWarn(performance.now()) ? 'warn' : 'debug'
      this.#log[level]({ remoteAddress: this.remoteAddress, problem }, 'no valid PROXY header')
      const { message: reason, code } = errors.GW_TCP_PROXY_HEADER({ problem })
      this.#ingress.refused(this, { reason, code })
      this.#socket.destroy()
      return false
    }
    first.take(header.length)
    if (header.ends !== undefined) this.#standFor(header.ends)
    // More is known once it is decrypted.
    const refusal = this.encrypted ? undefined : this.#ingress.identify(this)
    if (refusal !== undefined) this.#refuse(refusal)
    return refusal === undefined
  }

  #standFor(ends: ProxiedEnds): void {
    this.fromTrustedProxy = false
    this.remoteAddress = ends.sourceAddress
    this.remotePort = ends.sourcePort
    this.localAddress = ends.destinationAddress
    this.localPort = ends.destinationPort
  }

  /** Where every route takes everything, a client may wait for the server's first word. */
  #peeks(): boolean {
    return this.#ingress.snapshot.peeks(this.entrypoint)
  }

  /** Looks where the client wants to go. Whoever says nothing in time wants to go nowhere. */
  async #peek(first: FirstBytes): Promise<void> {
    const reader = new ClientHelloReader()
    first.limit(this.#settings.helloTimeoutMs)
    while (!reader.read(first.unread)) if (!(await first.more())) return
    this.serverName = reader.hello?.serverName
    this.offeredAlpn = reader.hello?.alpn
  }

  async #passOn(first: Buffer): Promise<void> {
    const ingress = this.#ingress
    const ctx = ingress.openStream(this, this.#socket)
    this.#ctx = ctx
    const refusal = await ingress.enter(ctx)
    if (refusal !== undefined) {
      if (refusal.error?.code === 'GW_NO_ROUTE') this.#tellNoRoute()
      return this.#refuse(refusal)
    }
    const service = ctx.route && ctx.snapshot.services.get(ctx.route.service)
    if (service === undefined)
      throw kernelErrors.GW_INTERNAL({ problem: 'the route has no service' })
    const tunnel = await service.connect(ctx)
    const { socket: upstream } = tunnel
    if (!(upstream instanceof Socket)) {
      upstream.destroy()
      throw kernelErrors.GW_INTERNAL({ problem: 'the transport did not connect with a socket' })
    }
    const onEnd = (ending: Ending): void => {
      if (ending === 'upstream') this.#onLost(ctx, tunnel, relay.loss)
      this.#onRelayed(ctx, relay, ending)
    }
    const relay: Relay = new Relay(this.#socket, upstream, tunnel, onEnd)
    this.#relay = relay
    ctx.interruptible = relay
    ingress.establish(ctx)
    relay.start(first)
  }

  /** Who asks for a name that leads nowhere is told so, as by a server that does not have it. */
  #tellNoRoute(): void {
    if (!this.encrypted && this.offeredAlpn !== undefined) this.#socket.end(unrecognizedName)
  }

  /** Nobody takes the connection. */
  #giveUp(reason: unknown): void {
    const error = asGatewayError(reason)
    this.#logFailure(error)
    this.#socket.destroy()
  }

  #logFailure(error: GatewayError): void {
    const { code, source, message: problem, cause } = error
    const attempt = this.#ctx?.attempts?.at(-1)
    const service = attempt?.service.name ?? this.#ctx?.route?.service
    const endpoint = attempt?.endpoint.url.href
    logFailureRarely(this.#log, error, 'connection failed', {
      object: () => `${service} ${endpoint}`,
      fields: () => ({
        code,
        source,
        problem,
        remoteAddress: this.remoteAddress,
        router: this.#ctx?.route?.router,
        service,
        endpoint,
        ...(cause !== undefined && { err: cause }),
      }),
    })
  }

  /** The server broke off. No verdict on it: what its client sent may be why. */
  #onLost(ctx: StreamContext, { lossBy }: Tunnel, error: Error | undefined): void {
    const attempt = ctx.attempts?.at(-1)
    if (attempt === undefined) return
    const endpoint = attempt.endpoint.url.href
    const known = error && lossBy?.(error)
    const problem = 'the connection was reset'
    attempt.error ??= known ?? kernelErrors.GW_UPSTREAM_RESET({ endpoint, problem })
    if (known === undefined) return
    const { name: service } = attempt.service
    const { code, message } = known
    logFailureRarely(this.#log, known, 'connection broke', {
      object: () => `${service} ${endpoint}`,
      fields: () => ({
        code,
        problem: message,
        remoteAddress: this.remoteAddress,
        router: ctx.route?.router,
        service,
        endpoint,
      }),
    })
  }

  #refuse({ reason, reset: resets }: Refusal): void {
    this.#log.debug({ remoteAddress: this.remoteAddress, reason }, 'connection refused')
    if (resets === true) resetSocket(this.#socket)
    // What the client is told still gets there.
    else if (this.#socket.writableEnded) this.#socket.destroySoon()
    else this.#socket.destroy()
  }

  #onClose(): void {
    // Else the end of the relay, which has another socket, is the end.
    if (this.#relay !== undefined) return
    if (this.#ctx !== undefined) this.#ingress.abort(this.#ctx)
    this.#finish()
  }

  #onRelayed(ctx: StreamContext, { received, sent }: Traffic, ending: Ending): void {
    ctx.received = received
    ctx.sent = sent
    const attempt = ctx.attempts?.at(-1)
    const endpoint = attempt?.endpoint.url.href ?? ''
    this.#log.debug(
      {
        remoteAddress: this.remoteAddress,
        router: ctx.route?.router,
        service: attempt?.service.name,
        endpoint,
        received,
        sent,
        ending,
      },
      'connection ended',
    )
    if (ending === 'client') this.#ingress.abort(ctx)
    this.#finish()
  }

  #finish(): void {
    if (this.#finished) return
    this.#finished = true
    if (this.#ctx !== undefined) this.#ingress.close(this.#ctx)
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
}

const noBytes = Buffer.alloc(0)

function ignore(): void {
  // The socket closes, and that is seen.
}
