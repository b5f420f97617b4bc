import { sharedDeadlines, type Timed } from '@gatewright/http1'
import { plainAddress } from '@gatewright/ip-networks'
import {
  type Attempt,
  asGatewayError,
  type Connection,
  ContextKey,
  type Ingress,
  type Interruptible,
  errors as kernelErrors,
  logFailureRarely,
  type Refusal,
  type Scope,
  type Service,
  type Snapshot,
  type StreamContext,
} from '@gatewright/kernel'
import { ClientFlow } from './client-flow.ts'
import type { DatagramCounts, FlowCounts } from './datagram-counts.ts'
import { errors } from './errors.ts'
import { type FlowOwner, UpstreamFlow } from './upstream-flow.ts'

/** What a session has carried so far. */
export interface DatagramTraffic {
  /** From the client. */
  readonly received: { readonly datagrams: number; readonly bytes: number }
  /** To the client. */
  readonly sent: { readonly datagrams: number; readonly bytes: number }
}

/** What a session has carried, for access logs and metrics. */
export const datagramTraffic: ContextKey<DatagramTraffic> = new ContextKey('udp.traffic')

/** Where a session comes from, and what it may do there. */
export interface SessionHost {
  readonly entrypoint: string
  readonly idleTimeoutMs: number
  readonly responses: number
  readonly localAddress: string
  readonly localPort: number
  readonly ingress: Ingress
  readonly log: Scope['log']
  readonly counts: DatagramCounts
  send(datagram: Uint8Array, port: number, address: string): void
  closed(session: UdpSession): void
}

/**
 * How a session ended: its client got all it waits for, nothing moved for too long, its server
 * cannot be reached or is no longer healthy, a plugin closed it, or the gateway gave it up.
 */
type Ending = 'complete' | 'idle' | 'upstream' | 'unhealthy' | 'closed' | 'drained' | 'refused'

/** What waits while a server is looked for; more is dropped. */
const maxWaiting = 64

let lastId = 0

/** The datagrams between one client address and port and one server. */
export class UdpSession implements Connection, Timed, Interruptible, FlowOwner, DatagramTraffic {
  readonly id: number = ++lastId
  readonly entrypoint: string
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number
  readonly encrypted = false
  readonly serverName = undefined
  readonly alpn = undefined
  readonly snapshot: Snapshot
  readonly received: { datagrams: number; bytes: number } = { datagrams: 0, bytes: 0 }
  readonly sent: { datagrams: number; bytes: number } = { datagrams: 0, bytes: 0 }
  readonly key: string
  dueAt: number
  readonly #host: SessionHost
  /** As the system writes it, which for IPv4 may be an IPv6 address. */
  readonly #rawAddress: string
  readonly #client: ClientFlow
  #waiting: Buffer[] = []
  #ctx: StreamContext | undefined = undefined
  #flow: UpstreamFlow | undefined = undefined
  #attempt: Attempt | undefined = undefined
  /** For figures, once it has a server. */
  #counts: FlowCounts | undefined = undefined
  #mayMove = false
  #deferred: (() => void)[] = []
  #finished = false

  constructor(key: string, address: string, port: number, host: SessionHost) {
    this.key = key
    this.#host = host
    this.#rawAddress = address
    this.entrypoint = host.entrypoint
    this.remoteAddress = plainAddress(address)
    this.remotePort = port
    this.localAddress = host.localAddress
    this.localPort = host.localPort
    this.snapshot = host.ingress.snapshot
    this.dueAt = sharedDeadlines.later(host.idleTimeoutMs)
    this.#client = new ClientFlow({
      toClient: (datagram) => this.#toClient(datagram),
      close: () => this.end('closed'),
    })
  }

  /** True if another server would do better: this one has become unhealthy, and others have not. */
  get outlived(): boolean {
    const attempt = this.#mayMove ? this.#attempt : undefined
    return attempt?.endpoint.healthy === false && attempt.service.pool.available.length > 0
  }

  /** Lets the session in, or ends it. */
  begin(): void {
    const { ingress } = this.#host
    sharedDeadlines.add(this)
    const refusal = ingress.admit(this) ?? ingress.identify(this)
    if (refusal !== undefined) return this.#refuse(refusal)
    this.#passOn().then(undefined, (error: unknown) => this.#giveUp(error))
  }

  defer(fn: () => void): void {
    if (this.#finished) fn()
    else this.#deferred.push(fn)
  }

  /** The client sent a datagram. */
  fromClient(datagram: Buffer): void {
    if (this.#finished) return
    this.received.datagrams++
    this.received.bytes += datagram.length
    if (this.#counts !== undefined) this.#counts.received++
    this.dueAt = sharedDeadlines.later(this.#host.idleTimeoutMs)
    if (this.#flow !== undefined) this.#flow.send(datagram)
    else if (this.#waiting.length < maxWaiting) this.#waiting.push(datagram)
  }

  onResponse(datagram: Buffer): void {
    this.dueAt = sharedDeadlines.later(this.#host.idleTimeoutMs)
    this.#toClient(datagram)
    if (this.sent.datagrams >= this.received.datagrams * this.#host.responses) this.end('complete')
  }

  onUnreachable(error: Error): void {
    const attempt = this.#attempt
    const params = { endpoint: attempt?.endpoint.url.href ?? '', problem: error.message }
    const failure = kernelErrors.GW_UPSTREAM_CONNECT(params, { cause: error })
    attempt?.break(failure)
    this.#logFailure(failure)
    this.end('upstream')
  }

  expire(): void {
    this.end('idle')
  }

  interrupt(): void {
    this.end('drained')
  }

  /** Closes its socket and forgets it. */
  end(ending: Ending): void {
    if (this.#finished) return
    this.#finished = true
    sharedDeadlines.remove(this)
    this.#waiting = []
    this.#host.closed(this)
    if (this.#counts !== undefined) this.#counts.sessions--
    this.#flow?.destroy()
    this.#client.destroy()
    if (this.#flow !== undefined) this.#logEnd(ending)
    if (this.#ctx !== undefined) this.#leave(this.#ctx, ending)
    for (const fn of this.#deferred.toReversed()) {
      try {
        fn()
      } catch (error) {
        this.#host.log.error({ err: error }, 'deferred work of a session failed')
      }
    }
    this.#deferred = []
  }

  async #passOn(): Promise<void> {
    const { ingress } = this.#host
    const ctx = ingress.openStream(this, this.#client)
    this.#ctx = ctx
    const refusal = await ingress.enter(ctx)
    if (refusal !== undefined) return this.#refuse(refusal)
    const service = ctx.route && ctx.snapshot.services.get(ctx.route.service)
    if (service === undefined)
      throw kernelErrors.GW_INTERNAL({ problem: 'the route has no service' })
    const { socket } = await service.connect(ctx)
    const attempt = ctx.attempts?.at(-1)
    if (!(socket instanceof UpstreamFlow)) {
      socket.on('error', ignore).destroy()
      throw errors.GW_UDP_MIXED({ endpoint: attempt?.endpoint.url.href ?? '' })
    }
    // A drain may have come in between.
    if (this.#finished) return void socket.destroy()
    this.#flow = socket
    this.#attempt = attempt
    // A server that is unhealthy already was picked all the same.
    this.#mayMove = attempt?.endpoint.healthy === true
    socket.attach(this)
    ctx.set(datagramTraffic, this)
    ctx.interruptible = this
    ingress.establish(ctx)
    this.#beginCounting(service)
    for (const datagram of this.#waiting) socket.send(datagram)
    this.#waiting = []
  }

  /** After a failover another service than that of the route has it. */
  #beginCounting(service: Service): void {
    const { name } = this.#attempt?.service ?? service
    const counts = this.#host.counts.of(this.entrypoint, name)
    counts.sessions++
    counts.received += this.received.datagrams
    this.#counts = counts
  }

  #toClient(datagram: Uint8Array): void {
    if (this.#finished) return
    this.sent.datagrams++
    this.sent.bytes += datagram.length
    if (this.#counts !== undefined) this.#counts.sent++
    this.#host.send(datagram, this.remotePort, this.#rawAddress)
  }

  #leave(ctx: StreamContext, ending: Ending): void {
    const { ingress } = this.#host
    // Whoever still looks for a server need not.
    if (ending === 'drained') ingress.abort(ctx, kernelErrors.GW_DRAINING())
    else if (this.#flow === undefined && ending !== 'refused') ingress.abort(ctx)
    ctx.received = this.received.bytes
    ctx.sent = this.sent.bytes
    ingress.close(ctx)
  }

  #refuse({ reason }: Refusal): void {
    this.#host.log.debug({ remoteAddress: this.remoteAddress, reason }, 'session refused')
    this.end('refused')
  }

  /** Nobody takes the session. The next datagram begins another one. */
  #giveUp(reason: unknown): void {
    if (this.#finished) return
    const error = asGatewayError(reason)
    this.#logFailure(error)
    this.end('refused')
  }

  #logFailure(error: ReturnType<typeof asGatewayError>): void {
    const { code, source, message: problem } = error
    const whereabouts = this.#whereabouts()
    logFailureRarely(this.#host.log, error, 'session failed', {
      object: () => `${whereabouts.service} ${whereabouts.endpoint}`,
      fields: () => ({ code, source, problem, ...whereabouts }),
    })
  }

  #logEnd(ending: Ending): void {
    const { received, sent } = this
    this.#host.log.debug({ ...this.#whereabouts(), received, sent, ending }, 'session ended')
  }

  #whereabouts(): Readonly<
    Record<'remoteAddress' | 'router' | 'service' | 'endpoint', string | undefined>
  > {
    const attempt = this.#ctx?.attempts?.at(-1)
    return {
      remoteAddress: this.remoteAddress,
      router: this.#ctx?.route?.router,
      service: attempt?.service.name ?? this.#ctx?.route?.service,
      endpoint: attempt?.endpoint.url.href,
    }
  }
}

function ignore(): void {
  // The session ends in another way, or has ended.
}
