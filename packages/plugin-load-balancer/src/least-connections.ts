import type { Balancer, Endpoint, EndpointPool, Exchange } from '@gatewright/kernel'
import { candidates } from './candidates.ts'
import { isLessLoaded } from './load.ts'

/**
 * The endpoint with the fewest exchanges in flight for its weight. Equals take turns, so that an
 * idle service is not served by its first endpoint alone.
 */
export class LeastConnectionsBalancer implements Balancer, Disposable {
  /** Where the search begins, and who wins among equals. */
  #next = 0

  pick({ available }: EndpointPool, exchange: Exchange): Endpoint | undefined {
    const eligible = candidates(available, exchange)
    const { length } = available
    const start = this.#next
    let best: Endpoint | undefined
    for (let step = 0; step < length; step++) {
      const index = (start + step) % length
      const endpoint = available[index]
      if (endpoint === undefined || endpoint.weight === 0) continue
      if (eligible !== available && !eligible.includes(endpoint)) continue
      if (best !== undefined && !isLessLoaded(endpoint, best)) continue
      best = endpoint
      this.#next = index + 1
    }
    return best
  }

  /** Nothing to release; `Scope.keep` wants to be able to ask. */
  [Symbol.dispose](): void {}
}
