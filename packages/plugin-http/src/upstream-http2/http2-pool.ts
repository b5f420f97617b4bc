import type { Socket } from 'node:net'
import {
  type CallBearer,
  type Deadlines,
  type Dialer,
  plainDialer,
  type Timed,
  UpstreamOrigin,
  type UpstreamSettings,
} from '@gatewright/http1'
import {
  type Attempt,
  type Completion,
  errors,
  type GatewayError,
  type GatewayResponse,
  type RequestContext,
} from '@gatewright/kernel'
import { Http2Call } from './http2-call.ts'
import type { Http2Settings } from './http2-settings.ts'
import { UpstreamSession, type UpstreamSessionHost } from './upstream-session.ts'

/** What a connection is thought to take before its server has said anything. */
const usualStreams = 100
/** For so long a burst may be larger than what may wait, while connections are made for it. */
const burstMs = 1000

/** Sessions with one endpoint: one as a rule, more if the server limits its streams. */
export class Http2Pool implements CallBearer, UpstreamSessionHost, Timed, Disposable {
  readonly settings: Http2Settings
  readonly deadlines: Deadlines
  /** Connections that are being made. */
  readonly #opening = new Set<UpstreamSession>()
  /** Those that take requests; the first one with room gets the next. */
  readonly #open: UpstreamSession[] = []
  /** Those that end. */
  readonly #leaving = new Set<UpstreamSession>()
  /** First in, first out. All wait equally long, so the first one is due first. */
  readonly #waiting: Http2Call[] = []
  /** What the server allowed on the last connection. */
  #streams = usualStreams
  #disposed = false

  constructor(
    url: URL,
    settings: UpstreamSettings,
    deadlines: Deadlines,
    dialer: Dialer = plainDialer,
  ) {
    this.settings = { ...settings, origin: new UpstreamOrigin(url), dialer }
    this.deadlines = deadlines
  }

  /** Open connections, the ones that are being made or end included. */
  get size(): number {
    return this.#opening.size + this.#open.length + this.#leaving.size
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

  /** Rejects with a GatewayError only. */
  send(ctx: RequestContext, attempt: Attempt): Completion<GatewayResponse> {
    const call = new Http2Call(ctx, attempt)
    if (ctx.abortedBy === undefined) this.#take(call)
    else call.reject(ctx.abortedBy)
    return call.response
  }

  /** Takes over a connection that was made for HTTP/2. */
  adopt(socket: Socket): void {
    const session = new UpstreamSession(this)
    this.#opening.add(session)
    session.goOnWith(socket)
  }

  abandon(call: Http2Call, error: GatewayError): void {
    call.upload?.cancel(error)
    const index = this.#waiting.indexOf(call)
    if (index >= 0) this.#waiting.splice(index, 1)
    this.#settleDown()
  }

  /** Somebody has waited too long. */
  expire(now: number): void {
    for (;;) {
      const call = this.#waiting[0]
      if (call === undefined || call.waitsUntil > now) return
      this.#waiting.shift()
      this.#settleDown()
      const [opening] = this.#opening
      call.endWait(opening?.tookMs ?? 0)
      call.reject(this.#waitedTooLong())
    }
  }

  onReady(session: UpstreamSession): void {
    this.#opening.delete(session)
    this.#streams = Math.max(1, session.maxStreams)
    this.#open.push(session)
    this.#serve(session, session.tookMs)
    this.#connectForWaiting()
    if (this.#disposed) session.leave()
  }

  onRoom(session: UpstreamSession): void {
    this.#serve(session, 0)
  }

  onLeaving(session: UpstreamSession): void {
    const index = this.#open.indexOf(session)
    if (index >= 0) this.#open.splice(index, 1)
    this.#leaving.add(session)
    this.#connectForWaiting()
  }

  onFailed(session: UpstreamSession, error: Error | undefined): void {
    this.#opening.delete(session)
    // Calls have a bound of their own, which is over with that of the connection.
    if (error !== undefined) this.#rejectUncovered(error, session.tookMs)
    this.#connectForWaiting()
  }

  onClosed(session: UpstreamSession): void {
    const index = this.#open.indexOf(session)
    if (index >= 0) this.#open.splice(index, 1)
    this.#leaving.delete(session)
    this.#connectForWaiting()
  }

  /** That is no failure of the server: it said that the request can go elsewhere. */
  onRefused(session: UpstreamSession, call: Http2Call): void {
    call.repeated = true
    call.avoided = session
    this.#take(call)
  }

  /** Closes what is idle; what is busy closes when it is done. */
  [Symbol.dispose](): void {
    this.#disposed = true
    for (const session of [...this.#opening, ...this.#open]) session.leave()
    this.#opening.clear()
    const endpoint = this.settings.origin.text
    for (const call of this.#waiting.splice(0)) {
      call.reject(errors.GW_UPSTREAM_CONNECT({ endpoint, problem: 'the pool was closed' }))
    }
    this.#settleDown()
  }

  #take(call: Http2Call): void {
    const session = this.#sessionFor(call)
    if (session !== undefined) return session.run(call)
    if (this.#disposed || this.#isOverrun()) return call.reject(this.#busy())
    call.beginWait(this, this.deadlines.later(this.settings.connectTimeoutMs))
    this.#waiting.push(call)
    this.deadlines.add(this)
    this.#connectForWaiting()
  }

  #sessionFor(call: Http2Call): UpstreamSession | undefined {
    let second: UpstreamSession | undefined
    for (const session of this.#open) {
      if (!session.hasRoom) continue
      if (session !== call.avoided && !session.doubted) return session
      second ??= session
    }
    // Better one that is not to be relied on than none.
    return this.#isFull() ? second : undefined
  }

  /** Gives a session those that wait, as long as it has room. */
  #serve(session: UpstreamSession, connectMs: number): void {
    while (session.hasRoom && this.#waiting.length > 0) {
      const index = this.#waiting.findIndex((call) => this.#sessionFor(call) !== undefined)
      if (index < 0) return
      const [call] = this.#waiting.splice(index, 1)
      this.#settleDown()
      call?.endWait(connectMs)
      if (call !== undefined) this.#sessionFor(call)?.run(call)
    }
  }

  #connectForWaiting(): void {
    while (this.#uncovered > 0 && !this.#isFull() && !this.#disposed) {
      const session = new UpstreamSession(this)
      this.#opening.add(session)
      session.dial()
    }
  }

  /** Those that wait and for whom no connection is being made. */
  get #uncovered(): number {
    let opening = this.#opening.size
    // A server that allows no stream at the moment would allow none on another connection.
    for (const { maxStreams } of this.#open) if (maxStreams === 0) opening++
    return this.#waiting.length - opening * this.#streams
  }

  #rejectUncovered(error: Error, connectMs: number): void {
    const { origin, dialer } = this.settings
    const count = Math.max(0, this.#uncovered)
    for (const call of this.#waiting.splice(0, count)) {
      call.endWait(connectMs)
      call.reject(dialer.failure(origin.text, error))
    }
    this.#settleDown()
  }

  #settleDown(): void {
    if (this.#waiting.length === 0) this.deadlines.remove(this)
  }

  /** Whether there may be no more connections. Those that end do not count, since they take nothing. */
  #isFull(): boolean {
    const { maxConnections } = this.settings
    return maxConnections > 0 && this.#opening.size + this.#open.length >= maxConnections
  }

  /** True if one more request would wait for nothing but the others. */
  #isOverrun(): boolean {
    const { maxWaiting, connectTimeoutMs } = this.settings
    const waiting = this.#waiting.length
    if (this.#isFull()) return waiting - this.#opening.size * this.#streams >= maxWaiting
    // The first one has waited for longer than all others.
    return waiting >= maxWaiting && this.deadlines.later(connectTimeoutMs) - this.dueAt > burstMs
  }

  #waitedTooLong(): GatewayError {
    if (this.#opening.size === 0) return this.#busy()
    const timeoutMs = this.settings.connectTimeoutMs
    return errors.GW_UPSTREAM_CONNECT_TIMEOUT({ endpoint: this.settings.origin.text, timeoutMs })
  }

  #busy(): GatewayError {
    const params = { endpoint: this.settings.origin.text, waiting: this.#waiting.length }
    return errors.GW_UPSTREAM_BUSY(params, { headers: ['retry-after', '1'] })
  }
}
