import type { Balancer, Endpoint, EndpointPool, Exchange } from '@gatewright/kernel'
import { candidates } from './candidates.ts'
import { Turn } from './turn.ts'

/**
 * One endpoint after the other, in the order of the configuration. Weights do not matter, but one
 * that has just come up and is to start slowly leaves out turns.
 */
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
    let passed: number | undefined
    for (let step = 0; step < length; step++) {
      const index = (start + step) % length
      const endpoint = available[index]
      if (endpoint === undefined) continue
      if (eligible !== available && !eligible.includes(endpoint)) continue
      if (this.#turn.isTaken(endpoint)) return this.#take(endpoint, index)
      passed ??= index
    }
    // All of them leave this turn out, so it is the first one's after all.
    return passed === undefined ? undefined : this.#take(available[passed], passed)
  }

  #take(endpoint: Endpoint | undefined, index: number): Endpoint | undefined {
    this.#turn.next = index + 1
    return endpoint
  }
}
