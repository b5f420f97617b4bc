import {
  type Balancer,
  defineServiceFeature,
  type Endpoint,
  type EndpointPool,
  type Exchange,
  type Scope,
  type ServiceFeatureFactory,
} from '@gatewright/kernel'
import { featuresSchema } from '../options.ts'
import { PanicPool } from './panic-pool.ts'

/** `panic_threshold = 50`, with every strategy: all servers get traffic if too few are healthy. */
export const panicThreshold: ServiceFeatureFactory<number> = defineServiceFeature<number>({
  type: 'panic_threshold',
  parent: 'load_balancer',
  schema: featuresSchema.properties.panic_threshold,
  // Around everything else that chooses endpoints, so that all of it sees the same ones.
  stage: -200,
  create(percent, _service, scope) {
    if (percent === 0) return {}
    return { wrapBalancer: (inner) => new PanicBalancer(inner, percent, scope.log) }
  },
})

/** A strategy that gets to see all endpoints if too few are healthy. */
class PanicBalancer implements Balancer {
  readonly #inner: Balancer
  readonly #percent: number
  readonly #log: Scope['log']
  readonly #views = new WeakMap<EndpointPool, PanicPool>()

  constructor(inner: Balancer, percent: number, log: Scope['log']) {
    this.#inner = inner
    this.#percent = percent
    this.#log = log
  }

  pick(pool: EndpointPool, exchange: Exchange): Endpoint | undefined {
    return this.#inner.pick(this.#views.get(pool) ?? this.#view(pool), exchange)
  }

  #view(pool: EndpointPool): PanicPool {
    const log = this.#log
    const view = new PanicPool(pool, this.#percent, (panicking, healthy, servers) => {
      if (panicking) log.warn({ healthy, servers }, 'too few servers are healthy; all get traffic')
      else log.info({ healthy, servers }, 'enough servers are healthy again')
    })
    this.#views.set(pool, view)
    return view
  }
}
