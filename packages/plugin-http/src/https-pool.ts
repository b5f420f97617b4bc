import type { Socket } from 'node:net'
import {
  type CallBearer,
  type ConnectHost,
  Connecting,
  type Deadlines,
  type Dialer,
  type Timed,
  UpstreamCall,
  UpstreamOrigin,
  type UpstreamSettings,
} from '@gatewright/http1'
import {
  type Attempt,
  type Awaitable,
  errors,
  type GatewayError,
  type GatewayResponse,
  type RequestContext,
} from '@gatewright/kernel'
import type { ConnectionPool } from './pooled-transport.ts'

/** For so long a server that has chosen HTTP/1.1 is not asked again. */
const settledMs = 60_000

/** A pool that can go on with a connection that was made elsewhere. */
export interface AdoptingPool extends ConnectionPool {
  adopt(socket: Socket): void
}

/** What a pool of either version is made by, when there is need of it. */
export interface HttpsPools {
  http1(): AdoptingPool
  http2(): AdoptingPool
}

/**
 * Connections to one endpoint that chooses between HTTP/1.1 and HTTP/2. The first connection is
 * offered both, and those that wait for it go on with what was chosen, as do all that come later.
 * While there is no connection the endpoint may change its mind.
 */
export class HttpsPool implements ConnectionPool, ConnectHost, CallBearer, Timed {
  readonly #origin: UpstreamOrigin
  readonly #settings: UpstreamSettings
  readonly #deadlines: Deadlines
  readonly #dialer: Dialer
  readonly #pools: HttpsPools
  #http1: AdoptingPool | undefined = undefined
  #http2: AdoptingPool | undefined = undefined
  /** One of the two. */
  #chosen: AdoptingPool | undefined = undefined
  #settledUntil = 0
  #connecting: Connecting | undefined = undefined
  /** First in, first out. All wait equally long, so the first one is due first. */
  readonly #waiting: UpstreamCall[] = []
  #disposed = false

  /** @param dialer Offers both. */
  constructor(
    url: URL,
    settings: UpstreamSettings,
    deadlines: Deadlines,
    dialer: Dialer,
    pools: HttpsPools,
  ) {
    this.#origin = new UpstreamOrigin(url)
    this.#settings = settings
    this.#deadlines = deadlines
    this.#dialer = dialer
    this.#pools = pools
  }

  get unused(): boolean {
    const idle = this.#http1?.unused !== false && this.#http2?.unused !== false
    return idle && this.#waiting.length === 0 && this.#connecting === undefined
  }

  get dueAt(): number {
    return this.#waiting[0]?.waitsUntil ?? Number.POSITIVE_INFINITY
  }

  send(ctx: RequestContext, attempt: Attempt): Awaitable<GatewayResponse> {
    // A connection that is to switch to another protocol is one of HTTP/1.1.
    if (ctx.request.upgrade !== undefined) return this.#pool1().send(ctx, attempt)
    const chosen = this.#chosen
    if (chosen !== undefined && this.#isSettled(chosen)) return chosen.send(ctx, attempt)
    const call = new UpstreamCall(ctx, attempt)
    if (ctx.abortedBy !== undefined) call.reject(ctx.abortedBy)
    else this.#wait(call)
    return call.response
  }

  abandon(call: UpstreamCall): void {
    const index = this.#waiting.indexOf(call)
    if (index >= 0) this.#waiting.splice(index, 1)
    this.#settleDown()
  }

  /** Somebody has waited too long. */
  expire(now: number): void {
    const { connectTimeoutMs: timeoutMs } = this.#settings
    for (;;) {
      const call = this.#waiting[0]
      if (call === undefined || call.waitsUntil > now) return
      this.#waiting.shift()
      this.#settleDown()
      const endpoint = this.#origin.text
      call.endWait(this.#connecting?.tookMs ?? 0)
      call.reject(errors.GW_UPSTREAM_CONNECT_TIMEOUT({ endpoint, timeoutMs }))
    }
  }

  onConnected({ tookMs }: Connecting, socket: Socket): void {
    this.#connecting = undefined
    const isHttp2 = 'alpnProtocol' in socket && socket.alpnProtocol === 'h2'
    const chosen = isHttp2 ? this.#pool2() : this.#pool1()
    this.#chosen = chosen
    // Whoever speaks HTTP/2 no more would be asked for it in vain.
    this.#settledUntil = isHttp2 ? 0 : performance.now() + settledMs
    chosen.adopt(socket)
    for (const call of this.#waiting.splice(0)) {
      call.leave()
      call.endWait(tookMs)
      const { ctx, attempt, response } = call
      const sent = chosen.send(ctx, attempt)
      if ('then' in sent) response.follow(sent)
      else response.resolve(sent)
    }
    this.#settleDown()
  }

  onConnectFailed({ tookMs }: Connecting, error: Error): void {
    this.#connecting = undefined
    for (const call of this.#waiting.splice(0)) {
      call.endWait(tookMs)
      call.reject(this.#dialer.failure(this.#origin.text, error))
    }
    this.#settleDown()
  }

  onConnectExpired(): void {
    // Calls have a bound of their own.
    this.#connecting = undefined
    if (this.#waiting.length > 0) this.#connect()
  }

  /** Closes what is idle; what is busy closes when it is done. */
  [Symbol.dispose](): void {
    this.#disposed = true
    this.#connecting?.cancel()
    this.#connecting = undefined
    this.#http1?.[Symbol.dispose]()
    this.#http2?.[Symbol.dispose]()
    const endpoint = this.#origin.text
    for (const call of this.#waiting.splice(0)) {
      call.reject(errors.GW_UPSTREAM_CONNECT({ endpoint, problem: 'the pool was closed' }))
    }
    this.#settleDown()
  }

  #isSettled(chosen: AdoptingPool): boolean {
    return !chosen.unused || performance.now() < this.#settledUntil
  }

  #wait(call: UpstreamCall): void {
    if (this.#disposed || this.#waiting.length >= this.#settings.maxWaiting) {
      return call.reject(this.#busy())
    }
    call.beginWait(this, this.#deadlines.later(this.#settings.connectTimeoutMs))
    this.#waiting.push(call)
    this.#deadlines.add(this)
    if (this.#connecting === undefined) this.#connect()
  }

  #connect(): void {
    const { connectTimeoutMs } = this.#settings
    const connecting = [this.#origin, this.#dialer, connectTimeoutMs, this.#deadlines] as const
    this.#connecting = new Connecting(this, ...connecting)
  }

  #settleDown(): void {
    if (this.#waiting.length === 0) this.#deadlines.remove(this)
  }

  #pool1(): AdoptingPool {
    this.#http1 ??= this.#pools.http1()
    if (this.#disposed) this.#http1[Symbol.dispose]()
    return this.#http1
  }

  #pool2(): AdoptingPool {
    this.#http2 ??= this.#pools.http2()
    if (this.#disposed) this.#http2[Symbol.dispose]()
    return this.#http2
  }

  #busy(): GatewayError {
    const params = { endpoint: this.#origin.text, waiting: this.#waiting.length }
    return errors.GW_UPSTREAM_BUSY(params, { headers: ['retry-after', '1'] })
  }
}
