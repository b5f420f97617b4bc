import type { Balancer, Endpoint, EndpointPool, Exchange } from '@gatewright/kernel'
import { candidates } from './candidates.ts'

/**
 * Smooth weighted round-robin, the algorithm of nginx: 3:1 gives a, a, b, a. Over a cycle, which is
 * as long as the sum of the weights, every endpoint is picked exactly as often as its weight says.
 *
 * Each pick gives every candidate a credit of its weight, takes the one with the most, and charges
 * it with the sum.
 */
export class WeightedBalancer implements Balancer, Disposable {
  #endpoints: readonly Endpoint[] = []
  /** Of the endpoint with the same index. */
  #credits: number[] = []

  pick({ available }: EndpointPool, exchange: Exchange): Endpoint | undefined {
    if (available !== this.#endpoints) this.#follow(available)
    const eligible = candidates(available, exchange)
    const credits = this.#credits
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

  /** Nothing to release; `Scope.keep` wants to be able to ask. */
  [Symbol.dispose](): void {}

  /**
   * Goes on with another list of endpoints. Who stays keeps its credit: if all began anew, a health
   * that flaps would send every exchange to the first endpoint.
   */
  #follow(available: readonly Endpoint[]): void {
    const credits = available.map((endpoint) => {
      const index = this.#endpoints.indexOf(endpoint)
      return index < 0 ? 0 : (this.#credits[index] ?? 0)
    })
    // Credits add up to zero until somebody leaves. Newcomers begin with zero, so they would wait
    // for longer and longer if the others kept what the leaver owed.
    const surplus = Math.trunc(credits.reduce((sum, credit) => sum + credit, 0) / credits.length)
    this.#credits = credits.map((credit) => credit - surplus)
    this.#endpoints = available
  }
}
