import type { Balancer, Endpoint, EndpointPool, Exchange } from '@gatewright/kernel'
import { candidates } from './candidates.ts'

/** One endpoint after the other, in the order of the configuration. Weights do not matter. */
export class RoundRobinBalancer implements Balancer, Disposable {
  /** Where the next turn begins. A position rather than a count, so that it cannot overflow. */
  #next = 0

  pick({ available }: EndpointPool, exchange: Exchange): Endpoint | undefined {
    const eligible = candidates(available, exchange)
    const { length } = available
    for (let step = 0; step < length; step++) {
      const index = (this.#next + step) % length
      const endpoint = available[index]
      if (endpoint === undefined) continue
      if (eligible !== available && !eligible.includes(endpoint)) continue
      this.#next = index + 1
      return endpoint
    }
    return undefined
  }

  /** Nothing to release; `Scope.keep` wants to be able to ask. */
  [Symbol.dispose](): void {}
}
