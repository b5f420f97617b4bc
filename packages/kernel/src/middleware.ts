/**
 * The contract of middlewares: filter and around.
 *
 * @module
 */
import type { Awaitable } from './awaitable.ts'
import type { StreamContext } from './exchange.ts'
import type { Refusal } from './hooks.ts'
import type { RequestContext } from './request-context.ts'
import type { GatewayResponse } from './response.ts'
import type { AnyOptions, OptionsSchema } from './schema.ts'
import type { Scope } from './scope.ts'

/** Produces the response. Never rejects: a failure is a response with `error` set. */
export type Handler = (ctx: RequestContext) => Awaitable<GatewayResponse>

/** What a step may give back when it has nothing to say; `void` lets a plain function be one. */
export type Nothing = undefined | void

/** Looks at an exchange on its way in and at the response on its way out. */
export interface Filter {
  /**
   * Returning a response ends the way in; later middlewares and the service do not run. Throwing
   * does the same with an error response.
   */
  onRequest?(ctx: RequestContext): Awaitable<GatewayResponse | Nothing>
  /**
   * Sees every response that comes back through this filter, error responses included, but not the
   * one that its own `onRequest` gave: that has what it needs. Returning another response replaces
   * it. Throwing replaces it by an error, unless the factory declares `failure: { response: 'open' }`.
   */
  onResponse?(ctx: RequestContext, response: GatewayResponse): Awaitable<GatewayResponse | Nothing>
  /**
   * Runs in place of `onRequest` for a request that `skip_paths` exempts, which goes on afterwards.
   * For what must not depend on the path: a middleware that tells the upstream who the client is
   * removes here what the client says under the same names. It cannot answer; if it throws, the
   * request fails. `onResponse` does not run for such a request.
   */
  onSkip?(ctx: RequestContext): Awaitable<Nothing>
  /**
   * How long `onRequest`, `onSkip` or `onResponse` may keep an exchange waiting, as
   * {@link Around.patienceMs} says. Of no effect for TCP and UDP.
   */
  readonly patienceMs?: number
  /** What `onRequest` is, for TCP and UDP routers. Returning a refusal closes the connection. */
  onConnection?(ctx: StreamContext): Awaitable<Refusal | Nothing>
  around?: never
}

/** Decides whether, when and how many times the rest of the chain runs. */
export interface Around {
  /** `next` never rejects. Calling it again is a retry; see `ctx.request.checkpoint`. */
  around(ctx: RequestContext, next: Handler): Awaitable<GatewayResponse>
  /**
   * How long it may keep an exchange waiting outside of `next`, in milliseconds, before the exchange
   * fails with GW_PLUGIN_TIMEOUT. Default: what the gateway grants, 10 s; less than that has no
   * effect.
   */
  readonly patienceMs?: number
  /** Runs before `next` in place of `around` where `skip_paths` exempts; see {@link Filter.onSkip}. */
  onSkip?(ctx: RequestContext): Awaitable<Nothing>
  onRequest?: never
  onResponse?: never
  onConnection?: never
}

/** A filter or an around, never both. */
export type Middleware = Filter | Around

/** What a failure of a middleware means. */
export interface FailurePolicy {
  /** `open` lets a response pass whose `onResponse` failed; the default, `closed`, answers 502. */
  readonly response?: 'open' | 'closed'
}

/** A middleware where it stands in a router. */
export interface PlacedMiddleware {
  readonly name: string
  readonly type: string
  readonly dryRun: boolean
}

/** Makes a middleware out of one `middlewares "name" { type = … }` block. */
export interface MiddlewareFactory<O = AnyOptions> {
  /** Value of `type`. */
  readonly type: string
  /** The keys `type`, `skip_paths`, `scope` and `dry_run` belong to the kernel. */
  readonly schema: OptionsSchema<O>
  readonly failure?: FailurePolicy
  /**
   * Options are validated and have their defaults. Throw a `config` error if they conflict. Called
   * once per block and configuration, for `validate` too: opens nothing, starts nothing (see
   * {@link Scope.onActivate}).
   */
  create(options: O, scope: Scope): Awaitable<Middleware>
  /**
   * Told what stands in front of the middleware in a router, the outermost first. What it returns,
   * such as that they keep what it is for from it, is a warning in the log, for `validate` too.
   */
  advise?(before: readonly PlacedMiddleware[]): string | undefined
}

/** Returns its argument; gives `create` its types. */
export function defineMiddleware<O>(factory: MiddlewareFactory<O>): MiddlewareFactory<O> {
  return factory
}
