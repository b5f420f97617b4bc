import {
  type Attempt,
  type Awaitable,
  type Checkpoint,
  ContextKey,
  defineServiceFeature,
  type Exchange,
  GatewayResponse,
  type Handler,
  isIdempotent,
  isThenable,
  type RequestContext,
  type Service,
  type ServiceFeature,
  type ServiceFeatureFactory,
} from '@gatewright/kernel'
import { type FailoverOptions, schema } from './options.ts'
import { Takeover } from './takeover.ts'

/**
 * The service that took an exchange over, for access logs and metrics; unset if the one that its
 * router names had it.
 */
export const takenOverBy: ContextKey<string> = new ContextKey('failover.taken-over-by')

/** The `failover` block of a service. */
export const failover: ServiceFeatureFactory<FailoverOptions> = defineServiceFeature({
  type: 'failover',
  parent: 'service',
  schema,
  stage: 0,
  create(options, service, scope) {
    const { service: spare, recover_after: recoverAfterMs } = options
    const takeover = scope.keep(
      `failover:${service.name}:${spare}:${recoverAfterMs}`,
      () => new Takeover(spare, recoverAfterMs, scope.log),
    )
    scope.onActivate(() => takeover.follow(service.pool))
    return new Failover(options, takeover, () => scope.service(spare))
  },
})

/** Between a service and the one that takes over. */
class Failover implements ServiceFeature {
  /** Only there if some statuses lead to the other service. */
  readonly around?: NonNullable<ServiceFeature['around']>
  readonly #takeover: Takeover
  readonly #spare: () => Service
  readonly #statuses: ReadonlySet<number>
  readonly #maxReplayBytes: number
  /** Set on an exchange that the other service is to have, whatever its own one is like. */
  readonly #handedOver: ContextKey<true> = new ContextKey('failover.handed-over')

  constructor(options: FailoverOptions, takeover: Takeover, spare: () => Service) {
    this.#takeover = takeover
    this.#spare = spare
    this.#statuses = new Set(options.statuses)
    this.#maxReplayBytes = options.max_replay_bytes
    if (this.#statuses.size > 0) this.around = (ctx, next) => this.#tryBoth(ctx, next)
  }

  begin(
    exchange: Exchange,
    inner: (exchange: Exchange) => Attempt | undefined,
  ): Attempt | undefined {
    if (exchange.get(this.#handedOver) === true) return this.#beginElsewhere(exchange)
    if (!this.#takeover.active) return inner(exchange)
    // It has come up and only has to prove itself: better than nothing.
    return this.#beginElsewhere(exchange) ?? inner(exchange)
  }

  #beginElsewhere(exchange: Exchange): Attempt | undefined {
    const attempt = this.#spare().begin(exchange)
    if (attempt !== undefined) exchange.set(takenOverBy, attempt.service.name)
    return attempt
  }

  #tryBoth(ctx: RequestContext, next: Handler): Awaitable<GatewayResponse> {
    // What switches protocols is a conversation, of which nothing can be taken back.
    if (ctx.request.upgrade !== undefined || ctx.get(this.#handedOver) === true) return next(ctx)
    const checkpoint = ctx.request.checkpoint(this.#maxReplayBytes)
    const response = next(ctx)
    if (!isThenable(response)) return this.#settle(ctx, next, checkpoint, response)
    return response.then((settled) => this.#settle(ctx, next, checkpoint, settled))
  }

  #settle(
    ctx: RequestContext,
    next: Handler,
    checkpoint: Checkpoint,
    response: GatewayResponse,
  ): Awaitable<GatewayResponse> {
    if (!this.#leadsElsewhere(ctx, checkpoint, response)) {
      checkpoint.release()
      return response
    }
    response.discard()
    checkpoint.restore()
    checkpoint.release()
    ctx.set(this.#handedOver, true)
    return next(ctx)
  }

  #leadsElsewhere(
    ctx: RequestContext,
    { restorable }: Checkpoint,
    { status, error }: GatewayResponse,
  ): boolean {
    if (!this.#statuses.has(status) || ctx.abortedBy !== undefined || !restorable) return false
    // The other one has had it already.
    if (ctx.get(takenOverBy) !== undefined) return false
    const unsent = ctx.attempts === undefined || error?.retryable === true
    return unsent || isIdempotent(ctx.request.method)
  }
}
