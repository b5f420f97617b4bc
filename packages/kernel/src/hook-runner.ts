/**
 * Calls the hooks, and costs nothing where nobody taps.
 *
 * @module
 */
import { type Awaitable, Completion } from './awaitable.ts'
import type { GatewayConfigInput } from './config.ts'
import type { Connection } from './connection.ts'
import { asGatewayError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { GatewayError } from './gateway-error.ts'
import type { GatewayHooks, Refusal } from './hooks.ts'
import type { RequestContext } from './request-context.ts'
import type { GatewayResponse } from './response.ts'
import type { Route } from './routing.ts'
import type { Attempt } from './service.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * Calls the hooks. On the request path, a hook without taps costs a test of a boolean; one whose
 * taps all finish at once comes back at once.
 */
export class HookRunner {
  readonly #hooks: GatewayHooks
  #request = false
  #route = false
  #upstream = false
  #upstreamEnd = false
  #response = false
  #finish = false
  #connection = false

  constructor(hooks: GatewayHooks) {
    this.#hooks = hooks
  }

  /** Looks again which hooks are tapped; taps come with plugins, and plugins with configurations. */
  refresh(): void {
    const hooks = this.#hooks
    this.#request = hooks.request.isUsed()
    // One tap is the kernel's own.
    this.#route = hooks.route.taps.length > 1
    this.#upstream = hooks.upstream.isUsed()
    this.#upstreamEnd = hooks.upstreamEnd.isUsed()
    this.#response = hooks.response.isUsed()
    this.#finish = hooks.finish.isUsed()
    this.#connection = hooks.connection.isUsed()
  }

  /** How many taps may change a configuration. */
  get configTaps(): number {
    return this.#hooks.config.taps.length
  }

  /** The configuration as the taps changed it. Rejects if one of them fails. */
  config(config: GatewayConfigInput): Promise<GatewayConfigInput> {
    const { promise, resolve, reject } = Promise.withResolvers<GatewayConfigInput>()
    this.#hooks.config.callAsync(config, (error, changed) => {
      if (error != null) reject(error)
      else resolve(changed ?? config)
    })
    return promise
  }

  /** Comes back when every tap has finished; what fails is reported. */
  retire(snapshot: Snapshot): Promise<void> {
    return new Promise((resolve) => this.#hooks.retire.callAsync(snapshot, () => resolve()))
  }

  /** The same when the gateway stops. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#hooks.close.callAsync(() => resolve()))
  }

  connection(connection: Connection): Refusal | undefined {
    return this.#connection ? this.#hooks.connection.call(connection) : undefined
  }

  /** Rare, so that taps need not be counted. */
  refusal(connection: Connection, refusal: Refusal): void {
    this.#hooks.refusal.call(connection, refusal)
  }

  /** What a tap answers instead of the route, if any does. */
  request(ctx: RequestContext): Awaitable<GatewayResponse | undefined> {
    if (!this.#request) return undefined
    const call = new HookCall<GatewayResponse | undefined>()
    this.#hooks.request.callAsync(ctx, (error, response) => {
      call.settle(error == null ? response : ctx.fail(error))
    })
    return call.outcome()
  }

  route(exchange: Exchange): Route | undefined {
    if (!this.#route) return exchange.snapshot.findRoute(exchange)
    return this.#hooks.route.call(exchange)
  }

  /** Why the attempt must not be sent, if a tap says so. */
  upstream(ctx: Exchange, attempt: Attempt): Awaitable<GatewayError | undefined> {
    if (!this.#upstream) return undefined
    const call = new HookCall<GatewayError | undefined>()
    this.#hooks.upstream.callAsync(ctx, attempt, (error) => {
      call.settle(error == null ? undefined : asGatewayError(error))
    })
    return call.outcome()
  }

  upstreamEnd(exchange: Exchange, attempt: Attempt): void {
    if (this.#upstreamEnd) this.#hooks.upstreamEnd.call(exchange, attempt)
  }

  /** The response that leaves: the given one, or an error if a tap failed. */
  response(ctx: RequestContext, response: GatewayResponse): Awaitable<GatewayResponse> {
    if (!this.#response) return response
    const call = new HookCall<GatewayResponse>()
    this.#hooks.response.callAsync(ctx, response, (error) => {
      if (error == null) return call.settle(response)
      response.discard()
      call.settle(ctx.fail(error))
    })
    return call.outcome()
  }

  finish(exchange: Exchange): void {
    if (this.#finish) this.#hooks.finish.call(exchange)
  }
}

/** Tells a hook that called back at once from one that will. */
class HookCall<T> {
  #settled = false
  #value: T | undefined = undefined
  #later: Completion<T> | undefined = undefined

  settle(value: T): void {
    this.#settled = true
    this.#value = value
    this.#later?.resolve(value)
  }

  outcome(): Awaitable<T> {
    // Set by `settle`, which takes a T.
    if (this.#settled) return this.#value as T
    this.#later = new Completion()
    return this.#later
  }
}
