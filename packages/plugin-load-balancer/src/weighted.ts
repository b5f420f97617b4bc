import type { Balancer, Endpoint, EndpointPool, Exchange } from '@gatewright/kernel'
import { candidates } from './candidates.ts'
import { Credits } from './credits.ts'

/**
 * Smooth weighted round-robin, the algorithm of nginx: 3:1 gives a, a, b, a. Over a cycle, which is
 * as long as the sum of the weights, every endpoint is picked exactly as often as its weight says.
 *
 * Each pick gives every candidate a credit of its weight, takes the one with the most, and charges
 * it with the sum.
 */
export class WeightedBalancer implements Balancer {
  readonly #credits: Credits

  /** @param credits Those of the configuration before, if there was one. */
  constructor(credits: Credits = new Credits()) {
    this.#credits = credits
  }

  pick({ available }: EndpointPool, exchange: Exchange): Endpoint | undefined {
    const credits = this.#credits.of(available)
    const eligible = candidates(available, exchange)
    let total = 0
    let best = -1
    let most = Number.NEGATIVE_INFINITY
    for (let index = 0; index < available.length; index++) {
      const endpoint = available[index]
      if (endpoint === undefined || endpoint.weight === 0) continue
      if (eligible !== available && !eligible.includes(endpoint)) continue
      total += endpoint.weight
      const credit = (credits[index] ?? 0) + endpoint.weight
      credits[index] = credit
      if (credit <= most) continue
      most = credit
      best = index
    }
    if (best < 0) return undefined
    credits[best] = most - total
    return available[best]
  }
}
