import { hash } from 'node:crypto'
import {
  type Awaitable,
  defineMiddleware,
  type GatewayResponse,
  type MiddlewareFactory,
  type RequestContext,
  type Scope,
} from '@gatewright/kernel'
import {
  announce,
  checkAmounts,
  createCost,
  createKeySource,
  createMeters,
  refuse,
  remember,
  type Verdict,
} from '@gatewright/plugin-rate-limit'
import { errors } from './errors.ts'
import { type RateLimitRedisOptions, schema } from './options.ts'
import { RedisLink, verdictOf } from './redis-link.ts'
import { problemWithRedisUrl } from './redis-url.ts'

/** A middleware that stays silent for 10 s fails its exchange. */
const longestTimeoutMs = 9000

/** The `rate-limit-redis` middleware type. Counts in Redis, for all gateways that share it. */
export const rateLimitRedis: MiddlewareFactory<RateLimitRedisOptions> = defineMiddleware({
  type: 'rate-limit-redis',
  schema,
  create(options, scope) {
    checkAmounts(options)
    const keyOf = createKeySource(options)
    const costOf = createCost(options)
    const limit = new SharedLimit(options, scope)
    return {
      onRequest(ctx) {
        const key = keyOf(ctx)
        return key === undefined ? undefined : limit.decide(ctx, key, costOf(ctx))
      },
      ...(options.headers && { onResponse: announce }),
    }
  },
})

type Answer = GatewayResponse | undefined

/** The limit of one middleware. */
class SharedLimit {
  readonly #options: RateLimitRedisOptions
  readonly #name: string
  readonly #link: RedisLink
  readonly #prefix: string
  /** How much may come at once, rate, period in microseconds; the cost follows. */
  readonly #args: readonly string[]
  readonly #limit: number
  readonly #withoutRedis: (ctx: RequestContext, key: string, cost: number) => Answer

  constructor(options: RateLimitRedisOptions, scope: Scope) {
    const { algorithm, rate, burst = rate, period } = options
    this.#options = options
    this.#name = scope.name
    this.#link = linkOf(options, scope)
    this.#prefix = `${options.key_prefix}:${scope.name}:`
    this.#limit = algorithm === 'token-bucket' ? burst : rate
    this.#args = [String(this.#limit), String(rate), String(period * 1000)]
    this.#withoutRedis = this.#failureMode(scope)
  }

  decide(ctx: RequestContext, key: string, cost: number): Awaitable<Answer> {
    // Whatever a client sends must not become a key in Redis, neither its length nor its bytes.
    const digest = hash('sha256', key, 'base64url').slice(0, 22)
    const args = [...this.#args, String(cost)]
    const reply = this.#link.decide(this.#options.algorithm, this.#prefix + digest, args)
    if (reply === undefined) return this.#withoutRedis(ctx, key, cost)
    return reply.then(
      (settled) => this.#settle(ctx, verdictOf(settled, this.#limit)),
      () => this.#withoutRedis(ctx, key, cost),
    )
  }

  #settle(ctx: RequestContext, verdict: Verdict): Answer {
    remember(ctx, verdict, this.#options.headers)
    if (verdict.allowed) return undefined
    const error = errors.GW_RATE_LIMIT_REDIS_EXCEEDED({ name: this.#name })
    return refuse(ctx, error, verdict, this.#options)
  }

  #failureMode(scope: Scope): (ctx: RequestContext, key: string, cost: number) => Answer {
    const options = this.#options
    if (options.on_failure === 'open') return () => undefined
    if (options.on_failure === 'closed') {
      const params = { name: scope.name }
      return () => {
        throw errors.GW_RATE_LIMIT_REDIS_UNAVAILABLE(params, { headers: ['retry-after', '1'] })
      }
    }
    const { redis_url: _, ...others } = options
    const meters = scope.keep(`rate-limit-redis:${scope.name}:${JSON.stringify(others)}`, () =>
      createMeters(options, scope.share),
    )
    return (ctx, key, cost) => this.#settle(ctx, meters.take(key, performance.now(), cost))
  }
}

/** The connection, which blocks with the same URL share. Throws GW_RATE_LIMIT_REDIS_URL. */
function linkOf({ redis_url: url, timeout }: RateLimitRedisOptions, scope: Scope): RedisLink {
  const problem = problemWithRedisUrl(url)
  if (problem !== undefined) {
    throw errors.GW_RATE_LIMIT_REDIS_URL({ problem }, { option: ['redis_url'] })
  }
  const timeoutMs = Math.min(timeout, longestTimeoutMs)
  // Keys of resources may be logged, passwords not.
  const digest = hash('sha256', url, 'base64url')
  const link = scope.keep(
    `rate-limit-redis:${digest}:${timeoutMs}`,
    () => new RedisLink(url, timeoutMs, scope.log),
  )
  scope.onActivate(() => link.connect())
  return link
}
