import type { Balancer, Endpoint, EndpointPool, Exchange } from '@gatewright/kernel'
import { candidates } from './candidates.ts'
import { Turn } from './turn.ts'

/** One endpoint after the other, in the order of the configuration. Weights do not matter. */
export class RoundRobinBalancer implements Balancer {
  readonly #turn: Turn

  /** @param turn That of the configuration before, if there was one. */
  constructor(turn: Turn = new Turn()) {
    this.#turn = turn
  }

  pick({ available }: EndpointPool, exchange: Exchange): Endpoint | undefined {
    const eligible = candidates(available, exchange)
    const { length } = available
    const start = this.#turn.next
    for (let step = 0; step < length; step++) {
      const index = (start + step) % length
      const endpoint = available[index]
      if (endpoint === undefined) continue
      if (eligible !== available && !eligible.includes(endpoint)) continue
      this.#turn.next = index + 1
      return endpoint
    }
    return undefined
  }
}
