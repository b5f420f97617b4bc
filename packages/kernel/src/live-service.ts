/**
 * A compiled `services` block: features, balancer, upstream hooks, transport.
 *
 * @module
 */
import { type Awaitable, isThenable } from './awaitable.ts'
import type { RouterPlan } from './blueprint.ts'
import { type ChainLink, compileChain } from './chain.ts'
import type { Dialect } from './dialect.ts'
import type { LiveEndpoint, LivePool } from './endpoint-pool.ts'
import { asGatewayError, errors } from './errors.ts'
import type { ContextKey, Exchange, StreamContext } from './exchange.ts'
import type { GatewayError } from './gateway-error.ts'
import type { HookRunner } from './hook-runner.ts'
import { type AttemptOwner, LiveAttempt } from './live-attempt.ts'
import type { Handler } from './middleware.ts'
import {
  isForRequests,
  type NamedBalancer,
  type NamedFeature,
  type NamedObserver,
  type OnError,
  observersOf,
  wrap,
} from './named-feature.ts'
import { pickFrom } from './picking.ts'
import type { RequestContext } from './request-context.ts'
import type { GatewayResponse } from './response.ts'
import type {
  AnyTransport,
  Attempt,
  AttemptObserver,
  StreamTransport,
  Transport,
  Tunnel,
} from './service.ts'
import { observed } from './steps.ts'

/** A compiled `services` block: its features around balancing and sending. */
export class LiveService implements AttemptOwner {
  readonly name: string
  readonly pool: LivePool
  readonly #hooks: HookRunner
  readonly #onError: OnError
  /** The strategy and the features, as far as they want to know how attempts end. */
  #observers: readonly NamedObserver[] = []
  /** For logs: `service "api"`. */
  readonly #owner: string
  /** The features that look at responses. */
  #receivers: readonly NamedFeature[] = []
  #begin: (exchange: Exchange) => Attempt | undefined = () => undefined
  #handle: Handler = (ctx) => ctx.fail(this.#unavailable())
  #direct: Handler = this.#handle
  /** The same functions from the beginning: features keep them before the service is complete. */
  readonly handle: Handler = (ctx) => this.#handle(ctx)
  readonly direct: Handler = (ctx) => this.#direct(ctx)
  /** By URL protocol, with its colon. */
  readonly #transports = new Map<string, Transport>()
  readonly #streamTransports = new Map<string, StreamTransport>()
  /** Names of features that do what they do for requests only. */
  #requestFeatures: readonly string[] = []
  readonly #values = new Map<ContextKey<unknown>, unknown>()

  /** @param onError Told what an observer of attempts throws: no exchange may suffer from that. */
  constructor(name: string, pool: LivePool, hooks: HookRunner, onError: OnError) {
    this.name = name
    this.#owner = `service "${name}"`
    this.pool = pool
    this.#hooks = hooks
    this.#onError = onError
  }

  /** The second half of making a service: what is made here may already ask for the first. */
  complete(
    strategy: NamedBalancer,
    transports: ReadonlyMap<string, AnyTransport>,
    features: readonly NamedFeature[],
  ): void {
    const wrapped = features.reduceRight(wrap, strategy)
    this.#begin = (exchange) => this.#pick(exchange, wrapped)
    this.#requestFeatures = features
      .filter(({ feature }) => isForRequests(feature))
      .map(({ name }) => name)
    this.#observers = observersOf(strategy, features)
    this.#receivers = features.filter(({ feature }) => feature.onResponse !== undefined)
    for (const [scheme, transport] of transports) {
      if ('connect' in transport) this.#streamTransports.set(`${scheme}:`, transport)
      if ('send' in transport) this.#transports.set(`${scheme}:`, transport)
    }
    for (const { feature } of features.toReversed()) {
      const inner = this.#begin
      if (feature.begin !== undefined) {
        this.#begin = (exchange) => feature.begin?.(exchange, inner)
      }
    }
    const links: ChainLink[] = features.flatMap(({ owner: whose, feature, step }) => {
      const { around, patienceMs } = feature
      if (around === undefined) return []
      const patience = patienceMs === undefined ? {} : { patienceMs }
      const middleware = { around: around.bind(feature), ...patience }
      const culprit = `${whose} in ${this.#owner}`
      return [{ owner: culprit, middleware: observed(middleware, () => step) }]
    })
    this.#handle = compileChain(links, (ctx) => this.#balanceAndSend(ctx, this.#begin))
    const unwrapped = (exchange: Exchange): Attempt | undefined => this.#pick(exchange, strategy)
    this.#direct = compileChain([], (ctx) => this.#balanceAndSend(ctx, unwrapped))
  }

  /** Why routers like this one cannot lead here, each in words. */
  unfitFor({ kind, network }: Pick<RouterPlan, 'kind' | 'network'>): string[] {
    const isStream = kind === 'stream'
    // One that has no transport at all was refused itself.
    const other = this.pool.all.find(({ protocol }) => {
      const streams = this.#streamTransports.get(protocol)
      if (!isStream) return streams !== undefined && !this.#transports.has(protocol)
      if (streams === undefined) return this.#transports.has(protocol)
      return (streams.network ?? 'tcp') !== network
    })
    const over = isStream && network === 'udp' ? ' over UDP' : ''
    const routers = `for routers of kind "${kind}"${over}`
    const problems =
      other === undefined
        ? []
        : [`${this.#owner} has the server "${other.url.href}", which is none ${routers}`]
    if (!isStream) return problems
    const features = this.#requestFeatures.map(
      (name) => `"${name}" of ${this.#owner} does nothing ${routers}`,
    )
    return [...problems, ...features]
  }

  get<T>(key: ContextKey<T>): T | undefined {
    // What is found under a key was set with it.
    return this.#values.get(key) as T | undefined
  }

  set<T>(key: ContextKey<T>, value: T): void {
    this.#values.set(key, value)
  }

  begin(exchange: Exchange): Attempt | undefined {
    return this.#begin(exchange)
  }

  send(ctx: RequestContext, attempt: Attempt): Awaitable<GatewayResponse> {
    ctx.answeredBy = this.#owner
    // Endpoints are made by the kernel only.
    const { protocol } = attempt.endpoint as LiveEndpoint
    const transport = this.#transports.get(protocol)
    if (transport !== undefined) return transport.send(ctx, attempt)
    throw errors.GW_INTERNAL({ problem: `no transport for "${protocol}"` })
  }

  async connect(ctx: StreamContext): Promise<Tunnel> {
    for (let tries = 0; ; tries++) {
      const attempt = this.#beginUntried(ctx)
      // The kernel makes them all; after a failover it is the other one.
      const service = attempt.service as LiveService
      const transport = service.#streamTransportOf(attempt)
      try {
        return await this.#connectTo(ctx, attempt, transport)
      } catch (reason) {
        const error = this.#lost(ctx, attempt, reason)
        if (!error.retryable || tries >= transport.maxRetries) throw error
      }
    }
  }

  broke(exchange: Exchange, attempt: Attempt): void {
    this.#tell(exchange, attempt, 'attemptBroke')
  }

  concluded(exchange: Exchange, attempt: Attempt): void {
    this.#tell(exchange, attempt, 'attemptConcluded')
  }

  #pick(exchange: Exchange, { balancer, owner }: NamedBalancer): Attempt | undefined {
    // Nobody would count its attempt out again.
    if (exchange.ended) return undefined
    const live = pickFrom(balancer, this.pool, exchange, owner)
    if (live === undefined) return undefined
    const { attempts } = exchange
    if (attempts === undefined) {
      const first = new LiveAttempt(0, this, live, exchange)
      exchange.attempts = [first]
      return first
    }
    // What came before has been answered or given up: an exchange has one attempt at a time.
    attempts.at(-1)?.release()
    const attempt = new LiveAttempt(attempts.length, this, live, exchange)
    attempts.push(attempt)
    return attempt
  }

  #balanceAndSend(
    ctx: RequestContext,
    begin: (exchange: Exchange) => Attempt | undefined,
  ): Awaitable<GatewayResponse> {
    if (ctx.ended) return ctx.fail(errors.GW_CLIENT_ABORTED())
    if (ctx.abortedBy !== undefined) return ctx.fail(ctx.abortedBy)
    const attempt = begin(ctx)
    if (attempt === undefined) return ctx.fail(this.#unavailable())
    const prepared = this.#hooks.upstream(ctx, attempt)
    if (!isThenable(prepared)) return this.#dispatch(ctx, attempt, prepared)
    return prepared.then((error) => this.#dispatch(ctx, attempt, error))
  }

  #dispatch(
    ctx: RequestContext,
    attempt: Attempt,
    refusal: GatewayError | undefined,
  ): Awaitable<GatewayResponse> {
    if (refusal !== undefined) return this.#failed(ctx, attempt, refusal)
    // What the hook waited for may have taken longer than the client did.
    if (ctx.abortedBy !== undefined) return this.#failed(ctx, attempt, ctx.abortedBy)
    if (ctx.ended) return this.#failed(ctx, attempt, errors.GW_CLIENT_ABORTED())
    try {
      const response = attempt.service.send(ctx, attempt)
      if (!isThenable(response)) return this.#arrived(ctx, attempt, response)
      return response.then(
        (settled) => this.#arrived(ctx, attempt, settled),
        (error: unknown) => this.#failed(ctx, attempt, error),
      )
    } catch (error) {
      return this.#failed(ctx, attempt, error)
    }
  }

  /** An attempt at an endpoint at which there was none. Throws why there is no further one. */
  #beginUntried(ctx: StreamContext): Attempt {
    if (ctx.abortedBy !== undefined) throw ctx.abortedBy
    const earlier = ctx.attempts?.slice() ?? []
    const attempt = this.begin(ctx)
    const tried = earlier.some(({ endpoint }) => endpoint === attempt?.endpoint)
    if (attempt !== undefined && !tried) return attempt
    if (attempt !== undefined) {
      attempt.release()
      ctx.attempts?.pop()
    }
    throw earlier.at(-1)?.error ?? this.#unavailable()
  }

  async #connectTo(
    ctx: StreamContext,
    attempt: Attempt,
    transport: StreamTransport,
  ): Promise<Tunnel> {
    const refusal = await this.#hooks.upstream(ctx, attempt)
    if (refusal !== undefined) throw refusal
    // What the hook waited for may have taken longer than the client did.
    if (ctx.abortedBy !== undefined) throw ctx.abortedBy
    const tunnel = await transport.connect(ctx, attempt)
    if (ctx.abortedBy !== undefined || ctx.ended) {
      tunnel.socket.on('error', ignore).destroy()
      throw errors.GW_CLIENT_ABORTED()
    }
    this.#ended(ctx, attempt)
    return tunnel
  }

  #streamTransportOf(attempt: Attempt): StreamTransport {
    // Endpoints are made by the kernel only.
    const { protocol } = attempt.endpoint as LiveEndpoint
    const transport = this.#streamTransports.get(protocol)
    if (transport !== undefined) return transport
    attempt.release()
    throw errors.GW_INTERNAL({ problem: `no transport for streams to "${protocol}"` })
  }

  #arrived(ctx: RequestContext, attempt: Attempt, response: GatewayResponse): GatewayResponse {
    attempt.status = response.status
    if (ctx.dialect?.arrived !== undefined) this.#understand(ctx, ctx.dialect, attempt, response)
    this.#ended(ctx, attempt)
    // After a failover those of the other service look. The kernel makes them all.
    const { service } = attempt
    if (service instanceof LiveService) service.#receive(ctx, attempt, response)
    return response
  }

  #receive(ctx: RequestContext, attempt: Attempt, response: GatewayResponse): void {
    for (const { owner, feature } of this.#receivers) {
      try {
        feature.onResponse?.(ctx, attempt, response)
      } catch (error) {
        this.#onError(error, owner, 'onResponse')
      }
    }
  }

  #understand(
    ctx: RequestContext,
    dialect: Dialect,
    attempt: Attempt,
    response: GatewayResponse,
  ): void {
    try {
      dialect.arrived?.(ctx, attempt, response)
    } catch (error) {
      this.#onError(error, 'the dialect of the request', 'arrived')
    }
  }

  #failed(ctx: RequestContext, attempt: Attempt, reason: unknown): GatewayResponse {
    return ctx.fail(this.#lost(ctx, attempt, reason))
  }

  /** Nothing came of the attempt. */
  #lost(ctx: Exchange, attempt: Attempt, reason: unknown): GatewayError {
    const error = ctx.abortedBy ?? asGatewayError(reason)
    attempt.error = error
    attempt.release()
    this.#ended(ctx, attempt)
    return error
  }

  #ended(ctx: Exchange, attempt: Attempt): void {
    attempt.endedAt = performance.now()
    this.#hooks.upstreamEnd(ctx, attempt)
    // After a failover it is the other service that learns. The kernel makes them all.
    const { service } = attempt
    if (service instanceof LiveService) service.#tell(ctx, attempt, 'attemptEnded')
  }

  #tell(exchange: Exchange, attempt: Attempt, event: keyof AttemptObserver): void {
    for (const { owner, observer } of this.#observers) {
      try {
        observer[event]?.(exchange, attempt)
      } catch (error) {
        this.#onError(error, owner, event)
      }
    }
  }

  #unavailable(): GatewayError {
    const headers = ['retry-after', '1']
    return errors.GW_SERVICE_UNAVAILABLE({ service: this.name }, { headers })
  }
}

function ignore(): void {
  // Nobody is left to whom it could matter.
}
