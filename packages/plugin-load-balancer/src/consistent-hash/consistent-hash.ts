import type { Balancer, Endpoint, EndpointPool, Exchange } from '@gatewright/kernel'
import { hasTried } from '../candidates.ts'
import type { ConsistentHashOptions } from '../options.ts'
import type { RandomSource } from '../random.ts'
import { hashLimit, mixHash } from './hash.ts'
import { createHashKey, type HashKey } from './hash-key.ts'
import { HashRing } from './hash-ring.ts'
import { RingShelf } from './ring-shelf.ts'
import { RingWalk } from './ring-walk.ts'

/** No bound is below 0. */
const unknown = -1

/**
 * Exchanges with the same key go to the same endpoint, and when an endpoint comes or goes, only its
 * own share of the keys moves. Places keys and endpoints on a ring: a key belongs to the first
 * endpoint behind it that can take the exchange.
 */
export class ConsistentHashBalancer implements Balancer {
  readonly #keyOf: HashKey
  /** `undefined` if there is no bound. */
  readonly #loadFactor: number | undefined
  readonly #shelf: RingShelf
  #walk = new RingWalk([], new HashRing([]))
  /** Exchanges per unit of weight that an endpoint may have; found out once a pick, if need be. */
  #bound = unknown

  /**
   * @param shelf That of the configuration before, if there was one.
   * @param random For keys that are missing. Default `Math.random`.
   */
  constructor(
    options: ConsistentHashOptions,
    shelf: RingShelf = new RingShelf(),
    random: RandomSource = Math.random,
  ) {
    this.#keyOf = createHashKey(options, random)
    this.#shelf = shelf
    this.#loadFactor = options.load_factor
  }

  pick({ all, available }: EndpointPool, exchange: Exchange): Endpoint | undefined {
    if (all !== this.#walk.all) this.#walk = new RingWalk(all, this.#shelf.ringOf(all))
    const walk = this.#walk
    if (available !== walk.available) walk.available = available
    const hash = this.#keyOf(exchange)
    this.#bound = unknown
    let first: Endpoint | undefined
    let untried: Endpoint | undefined
    walk.begin(hash)
    for (let endpoint = walk.next(); endpoint !== undefined; endpoint = walk.next()) {
      first ??= endpoint
      if (hasTried(exchange, endpoint)) continue
      if (this.#hasRoom(endpoint, hash)) return endpoint
      untried ??= endpoint
    }
    // All were tried, or those that were not have no room: the order of the ring counts alone. An
    // endpoint that had the weight 0 when the ring was built is not on it.
    return untried ?? first ?? available[0]
  }

  #hasRoom(endpoint: Endpoint, hash: number): boolean {
    if (!isWithinShare(endpoint, hash)) return false
    if (this.#loadFactor === undefined || endpoint.active === 0) return true
    if (this.#bound === unknown) {
      this.#bound = this.#loadFactor * loadPerWeight(this.#walk.available)
    }
    return endpoint.active < this.#bound * endpoint.weight
  }
}

/**
 * False for the keys that an endpoint with a part of its weight leaves to others. It gets them back
 * one after the other as that part grows, and none of them moves twice.
 */
function isWithinShare({ weight, configuredWeight }: Endpoint, hash: number): boolean {
  return weight >= configuredWeight || mixHash(hash) / hashLimit < weight / configuredWeight
}

/** Exchanges per unit of weight, the one to be placed included. */
function loadPerWeight(available: readonly Endpoint[]): number {
  let active = 1
  let weight = 0
  for (const endpoint of available) {
    active += endpoint.active
    weight += endpoint.weight
  }
  return active / weight
}
