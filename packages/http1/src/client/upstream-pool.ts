import type { Socket } from 'node:net'
import {
  type Attempt,
  type Completion,
  errors,
  type GatewayError,
  type GatewayResponse,
  type RequestContext,
} from '@gatewright/kernel'
import type { Timed } from '../deadlines.ts'
import { ClientConnection } from './client-connection.ts'
import { type ConnectHost, Connecting } from './connecting.ts'
import { type Dialer, plainDialer } from './dialer.ts'
import { type CallBearer, UpstreamCall } from './upstream-call.ts'
import { UpstreamOrigin } from './upstream-origin.ts'
import type { ClientEnvironment, UpstreamSettings } from './upstream-settings.ts'

/** Connections that wait for the next request. As many as a peak needs, since each has its time. */
const maxIdle = 1024
/** For so long a burst may be larger than what may wait, while connections are made for it. */
const burstMs = 1000

/** Connections to one endpoint. The one that was used last is used next. */
export class UpstreamPool implements CallBearer, ConnectHost, Timed, Disposable {
  readonly origin: UpstreamOrigin
  readonly settings: UpstreamSettings
  readonly environment: ClientEnvironment
  readonly dialer: Dialer
  readonly #idle: ClientConnection[] = []
  readonly #all = new Set<ClientConnection>()
  readonly #connecting = new Set<Connecting>()
  /** First in, first out. All wait equally long, so the first one is due first. */
  readonly #waiting: UpstreamCall[] = []
  #disposed = false

  constructor(
    url: URL,
    settings: UpstreamSettings,
    environment: ClientEnvironment,
    dialer: Dialer = plainDialer,
  ) {
    this.origin = new UpstreamOrigin(url)
    this.settings = settings
    this.environment = environment
    this.dialer = dialer
  }

  /** Open connections, the ones that are being made included. */
  get size(): number {
    return this.#all.size + this.#connecting.size
  }

  /** Connections that wait for the next request. */
  get idle(): number {
    return this.#idle.length
  }

  /** Requests that wait for a connection. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** True if nothing would be lost with it. */
  get unused(): boolean {
    return this.size === 0 && this.#waiting.length === 0
  }

  get dueAt(): number {
    return this.#waiting[0]?.waitsUntil ?? Number.POSITIVE_INFINITY
  }

  /**
   * Rejects with a GatewayError only.
   * @param relief So many of those that wait will be handed over soon.
   */
  send(ctx: RequestContext, attempt: Attempt, relief: number = 0): Completion<GatewayResponse> {
    const call = new UpstreamCall(ctx, attempt)
    if (ctx.abortedBy !== undefined) {
      call.reject(ctx.abortedBy)
      return call.response
    }
    this.take(call, relief)
    return call.response
  }

  /** Sends a call of which nothing was sent yet; `relief` as in {@link UpstreamPool.send}. */
  take(call: UpstreamCall, relief: number = 0): void {
    const connection = this.#idle.pop()
    if (connection === undefined) this.#wait(call, relief)
    else connection.run(call)
  }

  /** Gives the call away that waits first, if it is wanted and no connection is being made for it. */
  handOver(wanted: (call: UpstreamCall) => boolean): UpstreamCall | undefined {
    const [first] = this.#waiting
    if (first === undefined || this.#waiting.length <= this.#connecting.size) return undefined
    return wanted(first) ? this.#nextWaiting() : undefined
  }

  /** The connection can take another request. */
  release(connection: ClientConnection): void {
    const next = this.#nextWaiting()
    if (next !== undefined) return connection.run(next)
    if (this.#disposed || this.#idle.length >= maxIdle) return connection.close()
    connection.rest()
    this.#idle.push(connection)
  }

  /** The connection is closed. */
  forget(connection: ClientConnection): void {
    this.#all.delete(connection)
    const index = this.#idle.indexOf(connection)
    if (index >= 0) this.#idle.splice(index, 1)
    this.#connectForWaiting()
  }

  /**
   * A kept connection died under a request of which no answer was seen. That is no failure of the
   * upstream: it closed an idle connection while the request was under way. What waits gets a new
   * connection, or one that has just brought a response: never one that has been idle.
   */
  repeat(call: UpstreamCall): void {
    call.repeated = true
    this.#wait(call, 0)
  }

  abandon(call: UpstreamCall): void {
    const index = this.#waiting.indexOf(call)
    if (index >= 0) this.#waiting.splice(index, 1)
    this.#settleDown()
  }

  /** Somebody has waited too long. */
  expire(now: number): void {
    for (;;) {
      const call = this.#waiting[0]
      if (call === undefined || call.waitsUntil > now) return
      this.#nextWaiting()
      const [connecting] = this.#connecting
      call.endWait(connecting?.tookMs ?? 0)
      call.reject(this.#waitedTooLong())
    }
  }

  onConnected(connecting: Connecting, socket: Socket): void {
    this.#connecting.delete(connecting)
    this.adopt(socket, connecting.tookMs)
  }

  /**
   * Takes over a connection that was made elsewhere and has carried nothing yet.
   * @param connectMs How long it was made for those that wait here.
   */
  adopt(socket: Socket, connectMs: number = 0): void {
    const connection = new ClientConnection(this, this.environment.io.wire(socket), connectMs)
    this.#all.add(connection)
    this.release(connection)
  }

  onConnectFailed(connecting: Connecting, error: Error): void {
    this.#connecting.delete(connecting)
    // One connection is made for each call that waits, unless there are too many.
    const call = this.#waiting.length > this.#connecting.size ? this.#nextWaiting() : undefined
    call?.endWait(connecting.tookMs)
    call?.reject(this.dialer.failure(this.origin.text, error))
    this.#connectForWaiting()
  }

  onConnectExpired(connecting: Connecting): void {
    // Calls have a bound of their own.
    this.#connecting.delete(connecting)
    this.#connectForWaiting()
  }

  /** Closes what is idle; what is busy closes when it is done. */
  [Symbol.dispose](): void {
    this.#disposed = true
    for (const connection of this.#idle.splice(0)) connection.close()
    for (const connecting of this.#connecting) connecting.cancel()
    this.#connecting.clear()
    const endpoint = this.origin.text
    for (const call of this.#waiting.splice(0)) {
      call.reject(errors.GW_UPSTREAM_CONNECT({ endpoint, problem: 'the pool was closed' }))
    }
    this.#settleDown()
  }

  #wait(call: UpstreamCall, relief: number): void {
    if (this.#disposed || this.#isOverrun(relief)) return call.reject(this.#busy())
    call.beginWait(this, this.environment.deadlines.later(this.settings.connectTimeoutMs))
    this.#waiting.push(call)
    this.environment.deadlines.add(this)
    this.#connectForWaiting()
  }

  #nextWaiting(): UpstreamCall | undefined {
    if (this.#waiting.length === 0) return undefined
    const call = this.#waiting.shift()
    this.#settleDown()
    return call
  }

  #connectForWaiting(): void {
    const { origin, dialer } = this
    const { connectTimeoutMs } = this.settings
    const { deadlines } = this.environment
    while (this.#waiting.length > this.#connecting.size && !this.#isFull()) {
      this.#connecting.add(new Connecting(this, origin, dialer, connectTimeoutMs, deadlines))
    }
    // What is sent once more may not use one that is idle, so that this makes room for another.
    if (this.#waiting.length > this.#connecting.size) this.#idle[0]?.close()
  }

  #settleDown(): void {
    if (this.#waiting.length === 0) this.environment.deadlines.remove(this)
  }

  #isFull(): boolean {
    const { maxConnections } = this.settings
    return maxConnections > 0 && this.size >= maxConnections
  }

  /** True if one more request would wait for nothing but the others. */
  #isOverrun(relief: number): boolean {
    const { maxWaiting, connectTimeoutMs } = this.settings
    const { deadlines } = this.environment
    const waiting = this.#waiting.length - relief
    if (this.#isFull()) return waiting - this.#connecting.size >= maxWaiting
    // The first one has waited for longer than all others.
    return waiting >= maxWaiting && deadlines.later(connectTimeoutMs) - this.dueAt > burstMs
  }

  #waitedTooLong(): GatewayError {
    if (this.#connecting.size === 0) return this.#busy()
    const timeoutMs = this.settings.connectTimeoutMs
    return errors.GW_UPSTREAM_CONNECT_TIMEOUT({ endpoint: this.origin.text, timeoutMs })
  }

  #busy(): GatewayError {
    const params = { endpoint: this.origin.text, waiting: this.#waiting.length }
    return errors.GW_UPSTREAM_BUSY(params, { headers: ['retry-after', '1'] })
  }
}
