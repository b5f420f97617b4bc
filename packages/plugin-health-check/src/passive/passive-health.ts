import {
  type Attempt,
  type Exchange,
  ForkedContext,
  type ServiceFeature,
  type ServiceFeatureFactory,
} from '@gatewright/kernel'
import { type PassiveHealthOptions, passiveSchema } from '../options.ts'
import { Observer } from './observer.ts'

/** The `passive_health` block: judges servers by their answers. */
export const passiveHealth: ServiceFeatureFactory<PassiveHealthOptions> = {
  type: 'passive_health',
  parent: 'load_balancer',
  schema: passiveSchema,
  stage: 0,
  create(options, { name, pool }, scope) {
    if (!options.enabled) return {}
    const observer = scope.keep(
      `passive_health:${name}:${JSON.stringify(options)}`,
      () => new Observer(options, scope.log),
    )
    scope.onActivate(() => observer.follow(pool))
    scope.onDeactivate(() => observer.leave(pool))
    return new PassiveHealth(observer, options.statuses)
  },
}

class PassiveHealth implements ServiceFeature {
  readonly #observer: Observer
  readonly #statuses: ReadonlySet<number>

  constructor(observer: Observer, statuses: readonly number[]) {
    this.#observer = observer
    this.#statuses = new Set(statuses)
  }

  attemptEnded(exchange: Exchange, attempt: Attempt): void {
    // A copy is no client's request, and its server may be meant to fail.
    if (exchange.abortedBy !== undefined || exchange instanceof ForkedContext) return
    const { endpoint, status, error, startedAt } = attempt
    if (error === undefined) {
      return this.#observer.record(endpoint, this.#statuses.has(status ?? 0), startedAt)
    }
    if (isServersFault(error)) this.#observer.record(endpoint, true, startedAt)
  }

  attemptBroke(exchange: Exchange, { endpoint, status, startedAt }: Attempt): void {
    if (exchange instanceof ForkedContext) return
    // An error status has counted already.
    if (!this.#statuses.has(status ?? 0)) this.#observer.record(endpoint, true, startedAt)
  }
}

function isServersFault({ source, kind }: NonNullable<Attempt['error']>): boolean {
  // The gateway itself bounds its connections.
  return source === 'upstream' && kind.proxyStatus !== 'connection_limit_reached'
}
