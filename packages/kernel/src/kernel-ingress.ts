/**
 * Leads connections and exchanges through the phases; what protocol servers call.
 *
 * @module
 */
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { type Awaitable, isThenable } from './awaitable.ts'
import type { Connection } from './connection.ts'
import type { Dialect, KnownDialects } from './dialect.ts'
import { errors } from './errors.ts'
import { type Exchange, StreamContext } from './exchange.ts'
import { badResult, pluginFailure } from './failure.ts'
import { type GatewayError, isGatewayError } from './gateway-error.ts'
import type { HookRunner } from './hook-runner.ts'
import type { Refusal } from './hooks.ts'
import type { LiveSnapshot } from './live-snapshot.ts'
import { withNotes } from './notes.ts'
import { problemResponse, renderProblem } from './problem.ts'
import type { EntrypointFeature, Ingress, Refused } from './protocol.ts'
import { logFailureRarely } from './rare-lines.ts'
import type { PluginRegistry } from './registry.ts'
import type { GatewayRequest } from './request.ts'
import { type ForkKeeper, type Inform, RequestContext } from './request-context.ts'
import type { GatewayResponse } from './response.ts'
import type { SnapshotHolds } from './snapshot-holds.ts'
import { isRefusal } from './stream-chain.ts'
import type { UpgradeFactory } from './upgrade.ts'
import { beginWatch, findRoute, tellAnswer } from './watching.ts'

/** What the ingress asks of the gateway. */
export interface IngressHost {
  readonly active: LiveSnapshot
  readonly draining: boolean
  readonly hooks: HookRunner
  readonly log: Logger
  readonly holds: SnapshotHolds
  readonly upgrades: PluginRegistry<UpgradeFactory>
  readonly dialects: KnownDialects
}

/** Leads connections and exchanges through the phases. */
export class KernelIngress implements Ingress, ForkKeeper {
  readonly #host: IngressHost
  // Made once for all exchanges.
  readonly #onDeferredError = (error: unknown): void => {
    this.#host.log.error({ err: error }, 'deferred work failed')
  }

  constructor(host: IngressHost) {
    this.#host = host
  }

  get snapshot(): LiveSnapshot {
    return this.#host.active
  }

  get draining(): boolean {
    return this.#host.draining
  }

  admit(connection: Connection): Refusal | undefined {
    const { active, hooks } = this.#host
    const known = Object.hasOwn(active.config.entrypoints, connection.entrypoint)
    if (!active.activated || !known) {
      // Accepted between binding and activating, or after the entrypoint was removed.
      return { reason: `entrypoint "${connection.entrypoint}" is not active`, reset: true }
    }
    const refusal =
      this.#ask(connection, (feature) => feature.onAccept?.(connection)) ??
      hooks.connection(connection)
    if (refusal !== undefined) this.refused(connection, refusal)
    return refusal
  }

  identify(connection: Connection): Refusal | undefined {
    const refusal = this.#ask(connection, (feature) => feature.onIdentified?.(connection))
    if (refusal !== undefined) this.refused(connection, refusal)
    return refusal
  }

  refused(connection: Connection, refusal: Refusal): void {
    this.#host.hooks.refusal(connection, refusal)
  }

  openRequest(connection: Connection, request: GatewayRequest, inform?: Inform): RequestContext {
    const { active, log } = this.#host
    const ctx = new RequestContext(connection, active, request, inform)
    ctx.keeper = this
    const { watchers } = active.observers
    if (watchers.length > 0) beginWatch(watchers, ctx, log)
    this.#host.holds.open(ctx)
    return ctx
  }

  openStream(connection: Connection, client: Duplex): StreamContext {
    const { active } = this.#host
    const ctx = new StreamContext(connection, active, client)
    this.#host.holds.open(ctx)
    return ctx
  }

  knowsUpgrade(token: string): boolean {
    return this.#host.upgrades.find(token) !== undefined
  }

  refuse(connection: Connection, request: GatewayRequest, error: GatewayError): Refused {
    const ctx = this.openRequest(connection, request)
    const response = problemResponse(error)
    try {
      this.#host.dialects.of(request)?.answer(response, ctx)
    } catch (failure) {
      // What cannot be answered in a dialect is answered in the words of HTTP.
      if (!isGatewayError(failure)) this.#host.log.error({ err: failure }, 'dialect failed')
    }
    ctx.response = response
    tellAnswer(ctx, response, this.#host.log)
    this.establish(ctx)
    return { ctx, response }
  }

  handle(ctx: RequestContext): Awaitable<GatewayResponse> {
    const refusal = this.#understand(ctx)
    if (refusal !== undefined) return this.#shape(ctx, refusal)
    const early = this.#host.hooks.request(ctx)
    if (!isThenable(early)) return this.#answer(ctx, early)
    return early.then((response) => this.#answer(ctx, response))
  }

  async enter(ctx: StreamContext): Promise<Refusal | undefined> {
    const refusal = await this.#route(ctx)
    ctx.refusal = refusal
    if (refusal?.error !== undefined) this.#logFailure(ctx, refusal.error, 'connection failed')
    return refusal
  }

  establish(exchange: Exchange): void {
    exchange.established = true
    this.#host.holds.passOn(exchange)
  }

  abort(exchange: Exchange, error: GatewayError = errors.GW_CLIENT_ABORTED()): void {
    exchange.abort(error)
  }

  close(exchange: Exchange): void {
    if (exchange.ended) return
    this.#host.hooks.finish(exchange)
    this.#end(exchange)
  }

  beginFork(fork: RequestContext): void {
    this.#host.holds.open(fork)
  }

  endFork(fork: RequestContext): void {
    this.#end(fork)
  }

  #end(exchange: Exchange): void {
    exchange.runDeferred(this.#onDeferredError)
    if (exchange instanceof RequestContext) {
      exchange.request.discardReplaced()
      exchange.response?.discardReplaced()
    }
    // Those before the last were released when the next one began.
    exchange.attempts?.at(-1)?.release()
    this.#host.holds.release(exchange)
  }

  #ask(
    connection: Connection,
    ask: (feature: EntrypointFeature) => Refusal | undefined,
  ): Refusal | undefined {
    const { active, log } = this.#host
    for (const { owner, feature } of active.features.get(connection.entrypoint) ?? []) {
      try {
        const refusal: unknown = ask(feature)
        if (refusal === undefined || refusal === null) continue
        if (isRefusal(refusal)) return refusal
        // Its rejection would end the process.
        if (isThenable(refusal)) refusal.then(undefined, () => undefined)
        throw badResult(owner, 'a look at a connection', 'a refusal or nothing', refusal)
      } catch (error) {
        const { entrypoint } = connection
        log.error({ err: error, entrypoint, owner }, 'entrypoint feature failed')
        return { reason: 'an entrypoint feature failed' }
      }
    }
    return undefined
  }

  async #route(ctx: StreamContext): Promise<Refusal | undefined> {
    try {
      const route = this.#host.hooks.route(ctx)
      if (route?.kind !== 'stream') {
        const target = ctx.connection.serverName ?? ctx.connection.entrypoint
        return ctx.fail(errors.GW_NO_ROUTE({ target }))
      }
      ctx.route = route
      return await route.enter(ctx)
    } catch (error) {
      return ctx.fail(error)
    }
  }

  /** Finds out what the request is in. Comes back with the answer if that is no good. */
  #understand(ctx: RequestContext): GatewayResponse | undefined {
    try {
      const dialect = this.#host.dialects.of(ctx.request)
      if (dialect === undefined) return undefined
      ctx.dialect = dialect
      dialect.begin?.(ctx)
      return undefined
    } catch (error) {
      return ctx.fail(error)
    }
  }

  #answer(ctx: RequestContext, early: GatewayResponse | undefined): Awaitable<GatewayResponse> {
    const response = early ?? this.#dispatch(ctx)
    if (!isThenable(response)) return this.#shape(ctx, response)
    return response.then((settled) => this.#shape(ctx, settled))
  }

  #dispatch(ctx: RequestContext): Awaitable<GatewayResponse> {
    try {
      const { upgrade } = ctx.request
      if (upgrade !== undefined) this.#beginUpgrade(ctx, upgrade)
      const route = findRoute(this.#host.hooks, ctx)
      if (route?.kind !== 'http') {
        return ctx.fail(errors.GW_NO_ROUTE({ target: ctx.request.target }))
      }
      ctx.route = route
      return route.handle(ctx)
    } catch (error) {
      return ctx.fail(error)
    }
  }

  #beginUpgrade({ request }: RequestContext, token: string): void {
    this.#askUpgrade(token, (factory) => factory.begin(request))
    // Where it ends, and the other protocol begins, could be seen in two ways.
    if (!request.hasBody) return
    throw errors.GW_BAD_REQUEST({ problem: 'a request to switch protocols may not have a body' })
  }

  #completeUpgrade(ctx: RequestContext, response: GatewayResponse): GatewayResponse {
    const { request } = ctx
    const { upgrade } = request
    try {
      if (upgrade !== undefined) {
        this.#askUpgrade(upgrade, (factory) => factory.complete?.(request, response))
      }
      return response
    } catch (error) {
      response.discard()
      return ctx.fail(error)
    }
  }

  #askUpgrade(token: string, ask: (factory: UpgradeFactory) => unknown): void {
    const { upgrades } = this.#host
    const factory = upgrades.find(token)
    if (factory === undefined) return
    const owner = `plugin "${upgrades.ownerOf(token)}"`
    const where = `upgrade "${token}"`
    let pending: unknown
    try {
      pending = ask(factory)
    } catch (error) {
      throw pluginFailure(error, owner, where)
    }
    if (!isThenable(pending)) return
    // Its rejection would end the process.
    pending.then(undefined, () => undefined)
    throw badResult(owner, where, 'nothing, at once', pending)
  }

  #shape(ctx: RequestContext, given: GatewayResponse): Awaitable<GatewayResponse> {
    const response = given.upgrade === undefined ? given : this.#completeUpgrade(ctx, given)
    if (response.error !== undefined) renderProblem(response)
    const shaped = this.#host.hooks.response(ctx, response)
    if (!isThenable(shaped)) return this.#settle(ctx, shaped)
    return shaped.then((settled) => this.#settle(ctx, settled))
  }

  #settle(ctx: RequestContext, response: GatewayResponse): GatewayResponse {
    if (response.error !== undefined) {
      renderProblem(response)
      this.#logFailure(ctx, response.error, 'request failed', ctx.answeredBy)
    }
    if (ctx.dialect !== undefined) this.#translate(ctx, ctx.dialect, response)
    ctx.response = response
    // Nobody is left to send it to.
    if (ctx.ended) {
      response.discard()
      return response
    }
    tellAnswer(ctx, response, this.#host.log)
    this.establish(ctx)
    return response
  }

  #translate(ctx: RequestContext, dialect: Dialect, response: GatewayResponse): void {
    try {
      dialect.answer(response, ctx)
    } catch (error) {
      this.#host.log.error({ err: error }, 'dialect failed')
    }
  }

  #logFailure(ctx: Exchange, error: GatewayError, message: string, answeredBy?: string): void {
    const { log } = this.#host
    const attempt = ctx.attempts?.at(-1)
    const service = attempt?.service.name ?? ctx.route?.service
    logFailureRarely(log, error, message, {
      object: () => `${answeredBy} ${service} ${attempt?.endpoint.url.href}`,
      fields: () =>
        withNotes(log, ctx, {
          code: error.code,
          source: error.source,
          problem: error.message,
          remoteAddress: ctx.connection.remoteAddress,
          ...(ctx instanceof RequestContext && {
            method: ctx.request.method,
            // A query may have secrets.
            path: ctx.request.path,
          }),
          router: ctx.route?.router,
          service,
          endpoint: attempt?.endpoint.url.href,
          answeredBy,
          ...(error.cause !== undefined && { err: error.cause }),
        }),
    })
  }
}
