import type { Balancer, Endpoint, EndpointPool, Exchange } from '@gatewright/kernel'
import { candidates } from './candidates.ts'

/** A number from 0 to below 1, like `Math.random`. Tests give a seeded one. */
export type RandomSource = () => number

/** Any endpoint, each as often as its weight says in the long run. Keeps nothing between picks. */
export class RandomBalancer implements Balancer {
  readonly #random: RandomSource

  /** @param random Default `Math.random`. */
  constructor(random: RandomSource = Math.random) {
    this.#random = random
  }

  pick({ available }: EndpointPool, exchange: Exchange): Endpoint | undefined {
    return drawByWeight(candidates(available, exchange), this.#random)
  }
}

/**
 * One of the endpoints, each as likely as its weight says; none without a weight above 0.
 * @param except Is not drawn.
 */
export function drawByWeight(
  endpoints: readonly Endpoint[],
  random: RandomSource,
  except?: Endpoint,
): Endpoint | undefined {
  let total = 0
  for (const endpoint of endpoints) if (endpoint !== except) total += endpoint.weight
  let rest = random() * total
  let drawn: Endpoint | undefined
  for (const endpoint of endpoints) {
    if (endpoint === except || endpoint.weight === 0) continue
    // The last one stands in if rounding leaves a rest.
    drawn = endpoint
    rest -= endpoint.weight
    if (rest < 0) break
  }
  return drawn
}
