import { IdentityFields } from '@gatewright/identity'
import {
  type Awaitable,
  type Checkpoint,
  ContextKey,
  defineMiddleware,
  GatewayResponse,
  type Handler,
  type HeaderList,
  isThenable,
  type MiddlewareFactory,
  type RequestContext,
  type Scope,
} from '@gatewright/kernel'
import { Backoff, tryRetryAfter } from './backoff.ts'
import { errors } from './errors.ts'
import { type RetryOptions, schema } from './options.ts'
import { RetryBudget } from './retry-budget.ts'
import { isRefusal, RetryPolicy, type RetryReason } from './retry-policy.ts'
import { pause, runWithin } from './waiting.ts'

/** One further try of an exchange. */
export interface Retry {
  readonly reason: RetryReason
  /** The pause before it, in milliseconds. */
  readonly delayMs: number
  /** True if a middleware with `dry_run` only would have made it. */
  readonly dryRun: boolean
}

/** The further tries of an exchange, for access logs and metrics; unset if there were none. */
export const retries: ContextKey<Retry[]> = new ContextKey('retry.retries')

/** The `retry` middleware type. */
export const retry: MiddlewareFactory<RetryOptions> = defineMiddleware({
  type: 'retry',
  schema,
  create(options, scope) {
    const settings = new RetrySettings(options, scope)
    return {
      onSkip: ({ request }) => settings.clearNumber(request.headers),
      around(ctx, next) {
        settings.budget.countRequest(performance.now())
        settings.number(ctx, 1)
        // Its body is a conversation, of which nothing can be taken back (RFC 9110 section 9.3.6).
        if (ctx.request.method === 'CONNECT') return next(ctx)
        return new Tries(ctx, next, settings).run()
      },
    }
  },
})

/** What all exchanges of one middleware share. */
class RetrySettings {
  readonly options: RetryOptions
  readonly scope: Scope
  readonly policy: RetryPolicy
  readonly backoff: Backoff
  readonly budget: RetryBudget
  readonly #attemptHeader: string | undefined
  /** Where a client could say which try it is. */
  readonly #claims: IdentityFields

  constructor(options: RetryOptions, scope: Scope) {
    const { retry_interval_ms: intervalMs, max_interval_ms: maxMs } = options
    const { budget_percent: percent } = options
    this.options = options
    this.scope = scope
    this.policy = new RetryPolicy(options)
    this.#attemptHeader = options.attempt_header?.toLowerCase()
    const named = this.#attemptHeader === undefined ? [] : [this.#attemptHeader]
    this.#claims = new IdentityFields(named, ['attempt_header'])
    this.backoff = new Backoff(intervalMs, maxMs)
    this.budget = scope.keep(`retry:${scope.name}:${percent}`, () => new RetryBudget(percent))
  }

  /** Tells the upstream which try it sees, if it is to know. */
  number({ request }: RequestContext, tries: number): void {
    if (this.#attemptHeader === undefined) return
    this.#claims.clear(request.headers)
    request.headers.set(this.#attemptHeader, String(tries))
  }

  /** No client may say it in our place, where nothing is tried again either. */
  clearNumber(headers: HeaderList): void {
    this.#claims.clear(headers)
  }
}

/** The tries of one exchange. Costs no promise while the first try is good enough. */
class Tries {
  readonly #ctx: RequestContext
  readonly #next: Handler
  readonly #settings: RetrySettings
  readonly #checkpoint: Checkpoint
  readonly #repeatable: boolean
  /** `performance.now()` at which `overall_timeout` is over. */
  readonly #deadline: number
  #begun = 0

  constructor(ctx: RequestContext, next: Handler, settings: RetrySettings) {
    const { overall_timeout: timeoutMs = Number.POSITIVE_INFINITY } = settings.options
    this.#ctx = ctx
    this.#next = next
    this.#settings = settings
    // Asked now, because the middlewares inside may change the request.
    this.#repeatable = settings.policy.isRepeatable(ctx.request)
    this.#checkpoint = ctx.request.checkpoint(settings.options.max_replay_bytes)
    this.#deadline = performance.now() + timeoutMs
  }

  run(): Awaitable<GatewayResponse> {
    const response = this.#try()
    if (!isThenable(response)) return this.#settle(response)
    return response.then((settled) => this.#settle(settled))
  }

  #try(): Awaitable<GatewayResponse> {
    const tries = ++this.#begun
    const { options, scope } = this.#settings
    const { overall_timeout: timeoutMs } = options
    if (timeoutMs === undefined || scope.dryRun) return this.#next(this.#ctx)
    const left = this.#deadline - performance.now()
    return runWithin(left, this.#ctx, this.#next, () =>
      errors.GW_RETRY_TIMEOUT({ tries, timeoutMs }),
    )
  }

  #settle(response: GatewayResponse): Awaitable<GatewayResponse> {
    const reason = this.#reasonToRepeat(response)
    if (reason === undefined) return this.#finish(response)
    const delayMs = this.#delayBefore(response)
    if (performance.now() + delayMs >= this.#deadline) return this.#finish(response)
    if (!this.#announce({ reason, delayMs }, response)) return this.#finish(response)
    return this.#repeat(response, delayMs)
  }

  #finish(response: GatewayResponse): GatewayResponse {
    this.#checkpoint.release()
    const { error } = response
    if (error === undefined || !isRefusal(error) || this.#settings.scope.dryRun) return response
    // 502 would blame one server; that others refuse as well is a matter of the service.
    const params = { tries: this.#begun, problem: error.message }
    const headers = ['retry-after', '1']
    return this.#ctx.fail(errors.GW_RETRY_UNREACHABLE(params, { cause: error, headers }))
  }

  #reasonToRepeat(response: GatewayResponse): RetryReason | undefined {
    const { options, policy } = this.#settings
    if (this.#begun > options.max_retries) return undefined
    if (this.#ctx.abortedBy !== undefined || !this.#checkpoint.restorable) return undefined
    const code = this.#ctx.attempts?.at(-1)?.code
    return policy.reasonFor(response, this.#repeatable, code)
  }

  #delayBefore({ error, headers }: GatewayResponse): number {
    const retryAfter = error === undefined ? headers.get('retry-after') : undefined
    const askedMs = retryAfter === undefined ? undefined : tryRetryAfter(retryAfter, Date.now())
    return this.#settings.backoff.delayMs(this.#begun - 1, askedMs)
  }

  /** Takes a retry out of the budget and makes it known; false if it is not to take place. */
  #announce(planned: Omit<Retry, 'dryRun'>, { status, error }: GatewayResponse): boolean {
    const { budget, scope } = this.#settings
    const { dryRun, log } = scope
    const router = this.#ctx.route?.router
    const fields = { ...planned, router, status, code: error?.code, tries: this.#begun }
    const isFree = planned.reason === 'unsent' && hasUntriedServer(this.#ctx)
    if (!isFree && !budget.tryTake(performance.now())) {
      log.debug(fields, 'retry budget is used up')
      return false
    }
    const made = this.#ctx.get(retries) ?? []
    made.push({ ...planned, dryRun })
    this.#ctx.set(retries, made)
    if (dryRun) log.info(fields, 'dry run: would have sent the request again')
    else log.debug(fields, 'request is sent again')
    return !dryRun
  }

  async #repeat(failed: GatewayResponse, delayMs: number): Promise<GatewayResponse> {
    const ctx = this.#ctx
    // Before the pause, so that it does not hold a connection to a struggling upstream.
    failed.discard()
    await pause(delayMs, ctx.signal)
    if (ctx.abortedBy !== undefined) return this.#finish(ctx.fail(ctx.abortedBy))
    // The client may have sent more than is kept in the meantime.
    if (!this.#checkpoint.restorable) return this.#finish(withoutBody(ctx, failed))
    this.#checkpoint.restore()
    this.#settings.number(ctx, this.#begun + 1)
    return this.#settle(await this.#try())
  }
}

/** True if its next try can go to a server of which nobody knows yet whether it can be reached. */
function hasUntriedServer({ attempts = [] }: RequestContext): boolean {
  const available = attempts.at(-1)?.service.pool.available ?? []
  return available.some((server) => attempts.every(({ endpoint }) => endpoint !== server))
}

/** The same answer again, after its body was given up. */
function withoutBody(ctx: RequestContext, { status, error }: GatewayResponse): GatewayResponse {
  return error === undefined ? new GatewayResponse({ status }) : ctx.fail(error)
}
