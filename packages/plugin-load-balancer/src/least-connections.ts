import type { Balancer, Endpoint, EndpointPool, Exchange } from '@gatewright/kernel'
import { candidates } from './candidates.ts'
import { isLessLoaded } from './load.ts'
import { Turn } from './turn.ts'

/**
 * The endpoint with the fewest exchanges in flight for its weight. Equals take turns, so that an
 * idle service is not served by its first endpoint alone.
 */
export class LeastConnectionsBalancer implements Balancer {
  readonly #turn: Turn

  /** @param turn That of the configuration before, if there was one. */
  constructor(turn: Turn = new Turn()) {
    this.#turn = turn
  }

  pick({ available }: EndpointPool, exchange: Exchange): Endpoint | undefined {
    const eligible = candidates(available, exchange)
    const { length } = available
    const start = this.#turn.next
    let best: Endpoint | undefined
    let passed: Endpoint | undefined
    for (let step = 0; step < length; step++) {
      const index = (start + step) % length
      const endpoint = available[index]
      if (endpoint === undefined || endpoint.weight === 0) continue
      if (eligible !== available && !eligible.includes(endpoint)) continue
      // Idle endpoints are equal whatever they weigh; one that is to start slowly must not be.
      if (!this.#turn.isTaken(endpoint)) {
        passed ??= endpoint
        continue
      }
      if (best !== undefined && !isLessLoaded(endpoint, best)) continue
      best = endpoint
      this.#turn.next = index + 1
    }
    return best ?? passed
  }
}
