import { connect, type Socket } from 'node:net'
import {
  type Attempt,
  type Completion,
  errors,
  type GatewayResponse,
  type RequestContext,
} from '@gatewright/kernel'
import type { Deadlines, Timed } from '../deadlines.ts'
import type { HeadPool } from '../head/head-pool.ts'
import type { Http1Limits } from '../limits.ts'
import { PortableWire } from '../wire/portable-wire.ts'
import { ClientConnection } from './client-connection.ts'
import { type CallBearer, UpstreamCall } from './upstream-call.ts'

/** How an upstream is treated. Times in milliseconds; 0 means without a bound. */
export interface UpstreamSettings {
  readonly connectTimeoutMs: number
  /** From the last byte of the request to the response head. */
  readonly responseTimeoutMs: number
  /** Without a byte of a response body. */
  readonly idleTimeoutMs: number
  /** From the begin of the attempt to the end of the response. */
  readonly totalTimeoutMs: number
  /** Connections at once; 0 means without a bound. */
  readonly maxConnections: number
  /** Send the client's host; else that of the endpoint. */
  readonly passHostHeader: boolean
}

/** What all pools of a process share. */
export interface ClientEnvironment {
  readonly limits: Http1Limits
  readonly deadlines: Deadlines
  readonly heads: HeadPool
}

/** Connections that wait for the next request. */
const maxIdle = 100
/** Below the keep-alive of common servers, so that they rarely close one that we just chose. */
const poolIdleMs = 5000
/** Requests that wait for a connection. */
const maxWaiting = 1024

/** Connections to one endpoint. The one that was used last is used next. */
export class UpstreamPool implements CallBearer, Disposable {
  readonly url: URL
  readonly settings: UpstreamSettings
  readonly environment: ClientEnvironment
  readonly #idle: ClientConnection[] = []
  readonly #all = new Set<ClientConnection>()
  readonly #connecting = new Set<Connecting>()
  #waiting: UpstreamCall[] = []
  #disposed = false

  constructor(url: URL, settings: UpstreamSettings, environment: ClientEnvironment) {
    this.url = url
    this.settings = settings
    this.environment = environment
  }

  /** Open connections, the ones that are being made included. */
  get size(): number {
    return this.#all.size + this.#connecting.size
  }

  get idle(): number {
    return this.#idle.length
  }

  /** Rejects with a GatewayError only. */
  send(ctx: RequestContext, attempt: Attempt): Completion<GatewayResponse> {
    const call = new UpstreamCall(ctx, attempt)
    const connection = this.#idle.pop()
    if (connection === undefined) this.#connectFor(call)
    else connection.run(call)
    return call.response
  }

  /** The connection can take another request. */
  release(connection: ClientConnection): void {
    const next = this.#nextWaiting()
    if (next !== undefined) return connection.run(next)
    if (this.#disposed || this.#idle.length >= maxIdle) return connection.close()
    connection.rest(poolIdleMs)
    this.#idle.push(connection)
  }

  /** The connection is closed. */
  forget(connection: ClientConnection): void {
    this.#all.delete(connection)
    const index = this.#idle.indexOf(connection)
    if (index >= 0) this.#idle.splice(index, 1)
    const next = this.#nextWaiting()
    if (next !== undefined) this.#connectFor(next)
  }

  /**
   * A kept connection died under a request of which no answer was seen. That is no failure of the
   * upstream: it closed an idle connection while the request was under way.
   */
  repeat(call: UpstreamCall): void {
    call.repeated = true
    this.#connectFor(call)
  }

  abandon(call: UpstreamCall): void {
    this.#waiting = this.#waiting.filter((waiting) => waiting !== call)
  }

  /** Closes what is idle; what is busy closes when it is done. */
  [Symbol.dispose](): void {
    this.#disposed = true
    for (const connection of this.#idle.splice(0)) connection.close()
    for (const connecting of this.#connecting) connecting.cancel()
  }

  /** For {@link Connecting}: the socket is there, or it is not to be had. @internal */
  connected(connecting: Connecting, socket: Socket): void {
    this.#connecting.delete(connecting)
    const connection = new ClientConnection(this)
    connection.attach(new PortableWire(socket))
    this.#all.add(connection)
    this.release(connection)
  }

  /** @internal */
  notConnected(connecting: Connecting, error: Error | undefined): void {
    this.#connecting.delete(connecting)
    const call = this.#nextWaiting()
    if (call === undefined) return
    const endpoint = this.url.origin
    const timeoutMs = this.settings.connectTimeoutMs
    call.reject(
      error === undefined
        ? errors.GW_UPSTREAM_CONNECT_TIMEOUT({ endpoint, timeoutMs })
        : errors.GW_UPSTREAM_CONNECT(
            { endpoint, problem: connectProblem(error) },
            { cause: error },
          ),
    )
    // One connection was under way for each call that waits.
    if (this.#waiting.length > this.#connecting.size) this.#connect()
  }

  #connectFor(call: UpstreamCall): void {
    const { maxConnections } = this.settings
    if (this.#waiting.length >= maxWaiting) {
      const params = { endpoint: this.url.origin, waiting: this.#waiting.length }
      return call.reject(errors.GW_UPSTREAM_BUSY(params))
    }
    call.bearer = this
    this.#waiting.push(call)
    if (maxConnections === 0 || this.size < maxConnections) this.#connect()
  }

  #connect(): void {
    const { hostname, port } = this.url
    const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
    const target = { host, port: port === '' ? 80 : Number(port) }
    this.#connecting.add(new Connecting(this, target, this.environment.deadlines))
  }

  #nextWaiting(): UpstreamCall | undefined {
    return this.#waiting.shift()
  }
}

/** A connection that is being made. */
class Connecting implements Timed {
  readonly dueAt: number
  readonly #pool: UpstreamPool
  readonly #deadlines: Deadlines
  readonly #socket: Socket
  #done = false

  constructor(
    pool: UpstreamPool,
    target: { readonly host: string; readonly port: number },
    deadlines: Deadlines,
  ) {
    this.#pool = pool
    this.#deadlines = deadlines
    const { connectTimeoutMs } = pool.settings
    this.dueAt =
      connectTimeoutMs === 0 ? Number.POSITIVE_INFINITY : performance.now() + connectTimeoutMs
    const socket = connect({ ...target, allowHalfOpen: true, keepAlive: true, noDelay: true })
    this.#socket = socket
    socket.once('connect', () => this.#succeed())
    socket.once('error', (error) => this.#fail(error))
    deadlines.add(this)
  }

  expire(): void {
    this.#fail(undefined)
  }

  cancel(): void {
    this.#fail(new Error('the pool was closed'))
  }

  #succeed(): void {
    if (!this.#settle()) return
    this.#socket.removeAllListeners()
    this.#pool.connected(this, this.#socket)
  }

  #fail(error: Error | undefined): void {
    if (!this.#settle()) return
    this.#socket.on('error', ignore)
    this.#socket.destroy()
    this.#pool.notConnected(this, error)
  }

  #settle(): boolean {
    if (this.#done) return false
    this.#done = true
    this.#deadlines.remove(this)
    return true
  }
}

function connectProblem(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}

function ignore(): void {
  // The connection was given up; why it failed concerns nobody.
}
