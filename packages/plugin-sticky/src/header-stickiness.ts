import {
  type Balancer,
  type Endpoint,
  type EndpointPool,
  type Exchange,
  RequestContext,
  type Scope,
  type ServiceFeature,
} from '@gatewright/kernel'
import { consistentHash } from '@gatewright/plugin-load-balancer'

/** Requests with the same value of a field go to the same server; others go by the strategy. */
export class HeaderStickiness implements ServiceFeature {
  /** Lower-case. */
  readonly #name: string
  readonly #ring: Balancer

  constructor(name: string, scope: Scope) {
    this.#name = name.toLowerCase()
    const options = { hash_on: `header:${name}`, hash_missing: 'random' } as const
    this.#ring = consistentHash.create(options, scope)
  }

  wrapBalancer(inner: Balancer): Balancer {
    return { pick: (pool, exchange) => this.#pick(inner, pool, exchange) }
  }

  #pick(inner: Balancer, pool: EndpointPool, exchange: Exchange): Endpoint | undefined {
    const hasValue =
      exchange instanceof RequestContext && (exchange.request.headers.get(this.#name) ?? '') !== ''
    return (hasValue ? this.#ring : inner).pick(pool, exchange)
  }
}
