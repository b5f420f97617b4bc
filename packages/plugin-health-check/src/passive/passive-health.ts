import {
  type Attempt,
  ContextKey,
  defineServiceFeature,
  type Exchange,
  ForkedContext,
  type ServiceFeature,
  type ServiceFeatureFactory,
} from '@gatewright/kernel'
import { errors } from '../errors.ts'
import { type PassiveHealthOptions, passiveSchema } from '../options.ts'
import { Observer } from './observer.ts'

/** The `passive_health` block: judges servers by their answers. */
export const passiveHealth: ServiceFeatureFactory<PassiveHealthOptions> = defineServiceFeature({
  type: 'passive_health',
  parent: 'load_balancer',
  schema: passiveSchema,
  stage: 0,
  create(options, { name, pool }, scope) {
    const { recovery: recoveryMs, max_recovery: maxMs = recoveryMs } = options
    if (maxMs < recoveryMs) {
      throw errors.GW_PASSIVE_HEALTH_BAD_RECOVERY({ recoveryMs }, { option: ['max_recovery'] })
    }
    if (!options.enabled) return {}
    const observer = scope.keep(
      `passive_health:${name}:${JSON.stringify(options)}`,
      () => new Observer(options, scope.log),
    )
    scope.onActivate(() => observer.follow(pool))
    scope.onDeactivate(() => observer.leave(pool))
    return new PassiveHealth(observer, options)
  },
})

class PassiveHealth implements ServiceFeature {
  readonly #observer: Observer
  readonly #statuses: ReadonlySet<number>
  readonly #codes: ReadonlySet<string>
  /** Set on an exchange whose last attempt is a trial: which one. */
  readonly #trial: ContextKey<Trial> = new ContextKey('passive-health.trial')

  constructor(observer: Observer, { statuses, codes }: PassiveHealthOptions) {
    this.#observer = observer
    this.#statuses = new Set(statuses)
    this.#codes = new Set(codes)
  }

  begin(
    exchange: Exchange,
    inner: (exchange: Exchange) => Attempt | undefined,
  ): Attempt | undefined {
    const attempt = inner(exchange)
    const server = attempt && this.#observer.find(attempt.endpoint)
    const period = server?.tryBeginTrial()
    if (server !== undefined && period !== undefined) {
      exchange.set(this.#trial, { attempt, period })
      exchange.defer(() => server.endTrial(period))
    }
    return attempt
  }

  attemptEnded(exchange: Exchange, attempt: Attempt): void {
    const { error } = attempt
    const failed = error === undefined ? this.#isError(attempt) : isServersFault(error)
    // What is nobody's fault shows nothing.
    if (failed || error === undefined) this.#record(exchange, attempt, failed)
  }

  attemptBroke(exchange: Exchange, attempt: Attempt): void {
    // An error status has counted already.
    if (!this.#isError(attempt)) this.#record(exchange, attempt, true)
  }

  attemptConcluded(exchange: Exchange, attempt: Attempt): void {
    // That the head was no error has counted already.
    if (this.#codes.has(attempt.code ?? '')) this.#record(exchange, attempt, true)
  }

  #isError({ status, code }: Attempt): boolean {
    return this.#statuses.has(status ?? 0) || (code !== undefined && this.#codes.has(code))
  }

  #record(exchange: Exchange, attempt: Attempt, failed: boolean): void {
    // A copy is no client's request, and its server may be meant to fail.
    if (exchange.abortedBy !== undefined || exchange instanceof ForkedContext) return
    const { endpoint } = attempt
    // Most servers never fail, and are none of our business.
    const server = failed ? this.#observer.watch(endpoint) : this.#observer.find(endpoint)
    if (server === undefined) return
    const trial = exchange.get(this.#trial)
    const period = trial?.attempt === attempt ? trial.period : undefined
    server.record(failed, period, performance.now())
  }
}

/** An attempt that tries a server out. */
interface Trial {
  readonly attempt: Attempt | undefined
  readonly period: number
}

function isServersFault({ source, kind }: NonNullable<Attempt['error']>): boolean {
  // The gateway itself bounds its connections.
  return source === 'upstream' && kind.proxyStatus !== 'connection_limit_reached'
}
