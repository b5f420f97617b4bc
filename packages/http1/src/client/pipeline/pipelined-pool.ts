import type { Socket } from 'node:net'
import type { Attempt, Completion, GatewayResponse, RequestContext } from '@gatewright/kernel'
import { type ConnectHost, Connecting } from '../connecting.ts'
import { type Dialer, plainDialer } from '../dialer.ts'
import { UpstreamCall } from '../upstream-call.ts'
import type { UpstreamOrigin } from '../upstream-origin.ts'
import { UpstreamPool } from '../upstream-pool.ts'
import type { ClientEnvironment, UpstreamSettings } from '../upstream-settings.ts'
import { BackOff } from './back-off.ts'
import type { PipelineSettings } from './pipeline-settings.ts'
import { PipelinedConnection } from './pipelined-connection.ts'

/**
 * Connections to one endpoint, a few of which are shared by many requests at once. Requests that
 * had better not share go to an ordinary pool beside them, as do all while there is no shared
 * connection or the endpoint has shown that it cannot deal with them.
 */
export class PipelinedPool implements ConnectHost, Disposable {
  readonly settings: UpstreamSettings
  readonly pipeline: PipelineSettings
  readonly environment: ClientEnvironment
  /** For everything that is not shared. */
  readonly #ordinary: UpstreamPool
  readonly #backOff = new BackOff()
  /** How many shared connections there may be. */
  readonly #bound: number
  /** Those that take requests. */
  readonly #open: PipelinedConnection[] = []
  readonly #all = new Set<PipelinedConnection>()
  #connecting: Connecting | undefined = undefined
  /** `performance.now()` in this turn of the event loop, while there is something to flush. */
  #now = 0
  #flushing = false
  #disposed = false
  readonly #flush = (): void => {
    this.#flushing = false
    for (const connection of this.#all) connection.flush()
  }

  constructor(
    url: URL,
    settings: UpstreamSettings,
    pipeline: PipelineSettings,
    environment: ClientEnvironment,
    dialer: Dialer = plainDialer,
  ) {
    const { maxConnections } = settings
    this.settings = settings
    this.pipeline = pipeline
    this.environment = environment
    // Both kinds together stay within the bound, and neither can take it all.
    const bounded = maxConnections > 0
    const shared = bounded ? Math.min(pipeline.connections, maxConnections - 1) : 0
    this.#bound = bounded ? shared : Number.POSITIVE_INFINITY
    this.#ordinary = new UpstreamPool(
      url,
      { ...settings, maxConnections: maxConnections - shared },
      environment,
      dialer,
    )
  }

  get origin(): UpstreamOrigin {
    return this.#ordinary.origin
  }

  /** Open connections of both kinds, the ones that are being made included. */
  get size(): number {
    return this.#ordinary.size + this.shared + (this.#connecting === undefined ? 0 : 1)
  }

  /** Connections that requests share, or shared. */
  get shared(): number {
    return this.#all.size
  }

  /** True if nothing would be lost with it. */
  get unused(): boolean {
    return this.size === 0 && this.#ordinary.unused
  }

  /** Rejects with a GatewayError only. */
  send(ctx: RequestContext, attempt: Attempt): Completion<GatewayResponse> {
    if (!isShareable(ctx)) return this.#ordinary.send(ctx, attempt)
    const now = this.#turn()
    const connection = this.#choose(now)
    if (connection === undefined) {
      const relief = this.#connecting === undefined ? 0 : this.pipeline.depth
      return this.#ordinary.send(ctx, attempt, relief)
    }
    const call = new UpstreamCall(ctx, attempt)
    this.#queue(connection, call, now)
    return call.response
  }

  /** As {@link UpstreamPool.adopt}. It is not shared. */
  adopt(socket: Socket): void {
    this.#ordinary.adopt(socket)
  }

  /** The connection may have room for requests that wait for one of their own in vain. */
  relieve(connection: PipelinedConnection): void {
    if (this.#ordinary.waiting === 0) return
    const now = this.#turn()
    if (!this.#backOff.allows(now)) return
    while (connection.takes(now)) {
      const call = this.#ordinary.handOver(isMovable)
      if (call === undefined) return
      this.#queue(connection, call, now)
    }
  }

  /** Sends a call elsewhere that a shared connection has left unanswered. */
  move(call: UpstreamCall, wasSent: boolean): void {
    if (wasSent) this.#ordinary.repeat(call)
    else this.#ordinary.take(call)
  }

  /** The connection takes no more requests. */
  retire(connection: PipelinedConnection): void {
    const index = this.#open.indexOf(connection)
    if (index >= 0) this.#open.splice(index, 1)
  }

  /** The connection is closed. */
  forget(connection: PipelinedConnection): void {
    this.retire(connection)
    this.#all.delete(connection)
  }

  /** The endpoint does not deal with shared connections as it should. */
  distrust(): void {
    this.#backOff.fail(performance.now())
  }

  /** The endpoint has answered many requests that shared a connection. */
  trust(): void {
    this.#backOff.succeed()
  }

  onConnected(_connecting: Connecting, socket: Socket): void {
    this.#connecting = undefined
    const connection = new PipelinedConnection(this, this.environment.io.wire(socket))
    this.#all.add(connection)
    this.#open.push(connection)
    this.relieve(connection)
  }

  onConnectFailed(): void {
    this.#connecting = undefined
    this.distrust()
  }

  onConnectExpired(): void {
    this.onConnectFailed()
  }

  /** Closes what is idle; what is busy closes when it is done. */
  [Symbol.dispose](): void {
    this.#disposed = true
    this.#connecting?.cancel()
    this.#connecting = undefined
    for (const connection of this.#open.splice(0)) connection.finish()
    this.#ordinary[Symbol.dispose]()
  }

  /** `performance.now()`, once in a turn in which something is queued. */
  #turn(): number {
    return this.#flushing ? this.#now : performance.now()
  }

  #queue(connection: PipelinedConnection, call: UpstreamCall, now: number): void {
    connection.queue(call, now)
    if (this.#flushing) return
    this.#flushing = true
    this.#now = now
    setImmediate(this.#flush)
  }

  /** The connection with the fewest requests; another one is opened before these are many. */
  #choose(now: number): PipelinedConnection | undefined {
    if (this.#disposed || !this.#backOff.allows(now)) return undefined
    const { depth } = this.pipeline
    let chosen: PipelinedConnection | undefined
    let least = depth
    for (const connection of this.#open) {
      if (connection.load >= least || !connection.takes(now)) continue
      chosen = connection
      least = connection.load
    }
    if (least * 2 >= depth) this.#openAnother()
    return chosen
  }

  #openAnother(): void {
    if (this.#connecting !== undefined || this.#open.length >= this.pipeline.connections) return
    if (this.#all.size >= this.#bound) return
    const { origin, dialer } = this.#ordinary
    const { deadlines } = this.environment
    const { connectTimeoutMs } = this.settings
    this.#connecting = new Connecting(this, origin, dialer, connectTimeoutMs, deadlines)
  }
}

/** Whether a call that waits may share a connection; once it was on one that failed, it may not. */
function isMovable({ ctx, repeated }: UpstreamCall): boolean {
  return !repeated && isShareable(ctx)
}

/** Only what may be sent twice, ends with its head, and leaves the connection as it is. */
function isShareable({ request, abortedBy }: RequestContext): boolean {
  const { method, upgrade } = request
  if ((method !== 'GET' && method !== 'HEAD') || request.hasBody) return false
  return upgrade === undefined && abortedBy === undefined
}
