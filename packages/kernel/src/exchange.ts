/**
 * One unit of proxied work, whatever its protocol: values, deferred work, abort.
 *
 * @module
 */
import { performance } from 'node:perf_hooks'
import type { Duplex } from 'node:stream'
import { AbortState } from './abort-state.ts'
import { isThenable } from './awaitable.ts'
import type { Connection } from './connection.ts'
import { asGatewayError } from './errors.ts'
import type { GatewayError } from './gateway-error.ts'
import type { Refusal } from './hooks.ts'
import type { Route } from './routing.ts'
import type { Attempt } from './service.ts'
import type { Snapshot } from './snapshot.ts'
import type { Waiter } from './waiter.ts'
import type { ExchangeWatch } from './watching.ts'

/** Typed key of a value that a plugin keeps on an exchange. Compared by identity. */
export class ContextKey<T> {
  /** For logs and debuggers; two keys may share it. */
  readonly name: string
  /** Only carries the type. */
  declare readonly type: T

  constructor(name: string) {
    this.name = name
  }
}

/** Something that an exchange waits for and that can be told to stop. */
export interface Interruptible {
  /** The exchange has been aborted. Called at most once. */
  interrupt(error: GatewayError): void
}

/** One unit of proxied work: an HTTP request, a TCP connection, a UDP flow, an NNTP session. */
export abstract class Exchange {
  readonly connection: Connection
  /** The configuration that this exchange began with and keeps to its end. */
  readonly snapshot: Snapshot
  /** `performance.now()` at arrival. */
  readonly startedAt: number
  route: Route | undefined = undefined
  /** The tries so far, the last one included; `undefined` before the first. */
  attempts: Attempt[] | undefined = undefined
  /**
   * Bytes of content that came from the client: of the request's body, or of the connection that was
   * passed on. Known when `hooks.finish` runs.
   */
  received = 0
  /** The same that was sent to the client. */
  sent = 0
  /**
   * Set by a transport for as long as it waits for a response head, so that an abort reaches it
   * without the cost of a signal. @internal
   */
  interruptible: Interruptible | undefined = undefined
  /** Who looks at every step of it; `undefined` for most. @internal */
  watch: ExchangeWatch | undefined = undefined
  /** What the exchange waits for outside the kernel, for the sweep over pending work. @internal */
  waiter: Waiter | undefined = undefined
  /**
   * The snapshot that may not be retired while this runs: the one that it began with, or a later one
   * once a reload has let it go on. What the former one has may be disposed then.
   */
  heldBy: Snapshot
  /** Its neighbours in the list of those that hold the same snapshot. @internal */
  before: Exchange | undefined = undefined
  /** @internal */
  after: Exchange | undefined = undefined
  /** True once the response head or the tunnel stands. @internal */
  established = false
  #values: Map<ContextKey<unknown>, unknown> | undefined = undefined
  #deferred: (() => void)[] | undefined = undefined
  #abortState: AbortState | undefined = undefined
  #abortedBy: GatewayError | undefined = undefined
  /** Who wants to know of it; `true` once it was asked to come to its end. */
  #drain: (() => void)[] | true | undefined = undefined
  #ended = false

  constructor(connection: Connection, snapshot: Snapshot) {
    this.connection = connection
    this.snapshot = snapshot
    this.heldBy = snapshot
    this.startedAt = performance.now()
  }

  /** The client's address, behind proxies that the entrypoint trusts. */
  get clientAddress(): string {
    return this.connection.remoteAddress
  }

  /** Aborts when the client goes away or the gateway gives up. Created on first use. */
  get signal(): AbortSignal {
    if (this.#abortState === undefined) {
      this.#abortState = new AbortState()
      if (this.#abortedBy !== undefined) this.#abortState.abort(this.#abortedBy)
    }
    return this.#abortState.signal
  }

  /** Why the exchange was aborted: GW_CLIENT_ABORTED or GW_DRAINING. */
  get abortedBy(): GatewayError | undefined {
    return this.#abortedBy
  }

  get ended(): boolean {
    return this.#ended
  }

  get<T>(key: ContextKey<T>): T | undefined {
    // `set` stored a T under this key.
    return this.#values?.get(key) as T | undefined
  }

  set<T>(key: ContextKey<T>, value: T): void {
    this.#values ??= new Map()
    this.#values.set(key, value)
  }

  /**
   * Runs `fn` once when the exchange ends, however it ends: at once if it has. Last registered runs
   * first.
   */
  defer(fn: () => void): void {
    if (this.#ended) return fn()
    this.#deferred ??= []
    this.#deferred.push(fn)
  }

  /**
   * Calls `fn` once when the exchange should come to its end by itself, at once if it should
   * already: the gateway stops, or a reload has changed its router, its middlewares or its service.
   * It is aborted if it does not within `shutdown_timeout_secs`. For conversations without an end of
   * their own, after their head; `fn` must not throw.
   */
  onDrain(fn: () => void): void {
    if (this.#drain === true) return fn()
    this.#drain ??= []
    this.#drain.push(fn)
  }

  /** Asks the exchange to come to its end. @internal */
  drain(): void {
    const waiting = this.#drain
    if (waiting === true || this.#ended) return
    this.#drain = true
    for (const fn of waiting ?? []) fn()
  }

  /** Gives the exchange up. The first reason counts. @internal */
  abort(error: GatewayError): void {
    if (this.#abortedBy !== undefined || this.#ended) return
    this.#abortedBy = error
    const { interruptible } = this
    this.interruptible = undefined
    try {
      interruptible?.interrupt(error)
    } catch (failure) {
      // The others must learn of the abort all the same.
      this.#abortState ??= new AbortState()
      this.#abortState.fail(failure)
    }
    this.#abortState?.abort(error)
  }

  /**
   * Runs what was deferred.
   * @param onError Told what failed of it, and of what was to stop because of an abort.
   * @internal
   */
  runDeferred(onError: (error: unknown) => void): void {
    if (this.#ended) return
    this.#ended = true
    this.#abortState?.reportTo(onError)
    const deferred = this.#deferred
    this.#deferred = undefined
    if (deferred === undefined) return
    for (let i = deferred.length - 1; i >= 0; i--) {
      try {
        // An async function passes for one that returns nothing.
        const pending: unknown = deferred[i]?.()
        if (isThenable(pending)) pending.then(undefined, onError)
      } catch (error) {
        onError(error)
      }
    }
  }
}

/** One TCP connection, UDP flow or session of another protocol. */
export class StreamContext extends Exchange {
  readonly client: Duplex
  /** Why it was not passed on, if that is so; set before `finish`. */
  refusal: Refusal | undefined = undefined

  constructor(connection: Connection, snapshot: Snapshot, client: Duplex) {
    super(connection, snapshot)
    this.client = client
  }

  /** Turns any thrown value into the reason why the connection is closed. */
  fail(error: unknown): Refusal {
    const failure = this.abortedBy ?? asGatewayError(error)
    return { reason: failure.message, error: failure }
  }
}
