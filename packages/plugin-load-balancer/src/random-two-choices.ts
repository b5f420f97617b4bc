import type { Balancer, Endpoint, EndpointPool, Exchange } from '@gatewright/kernel'
import { candidates } from './candidates.ts'
import { isLessLoaded } from './load.ts'
import { drawByWeight, type RandomSource } from './random.ts'

/**
 * The less loaded one of two endpoints drawn at random. Nearly as even as least-connections, and
 * many gateways that do not know of each other do not all choose the same endpoint.
 */
export class RandomTwoChoicesBalancer implements Balancer {
  readonly #random: RandomSource

  /** @param random Default `Math.random`. */
  constructor(random: RandomSource = Math.random) {
    this.#random = random
  }

  pick({ available }: EndpointPool, exchange: Exchange): Endpoint | undefined {
    const eligible = candidates(available, exchange)
    const first = drawByWeight(eligible, this.#random)
    const second = drawByWeight(eligible, this.#random, first)
    if (first === undefined || second === undefined) return first
    return isLessLoaded(second, first) ? second : first
  }
}
