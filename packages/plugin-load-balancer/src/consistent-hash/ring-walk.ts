import type { Endpoint } from '@gatewright/kernel'
import type { HashRing } from './hash-ring.ts'

const closed = Number.POSITIVE_INFINITY

/**
 * Goes along the ring of some endpoints and meets each available one once, in the order in which
 * they are responsible for a key. One walk at a time, so that it needs nothing of its own.
 */
export class RingWalk {
  /** Those on the ring, available or not. */
  readonly all: readonly Endpoint[]
  readonly #ring: HashRing
  /** By index: in which walk an endpoint was met last, or {@link closed} if it is not available. */
  readonly #met: Float64Array
  #available: readonly Endpoint[] = []
  /** How many walks there were; exact for longer than any process lives. */
  #walk = 0
  #place = 0
  #steps = 0
  #left = 0

  /** @param ring Of the same endpoints. */
  constructor(all: readonly Endpoint[], ring: HashRing) {
    this.all = all
    this.#ring = ring
    this.#met = new Float64Array(all.length).fill(closed)
  }

  /** The endpoints that walks meet. */
  get available(): readonly Endpoint[] {
    return this.#available
  }

  /** Each time that servers are full and no longer so, it is another list. */
  set available(endpoints: readonly Endpoint[]) {
    this.#available = endpoints
    const { all } = this
    const met = this.#met
    let found = 0
    for (let index = 0; index < all.length; index++) {
      const isNext = found < endpoints.length && all[index] === endpoints[found]
      met[index] = isNext ? this.#walk : closed
      if (isNext) found++
    }
    if (found === endpoints.length) return
    // They stand in an order of their own.
    const others = new Set(endpoints)
    for (const [index, endpoint] of all.entries()) if (others.has(endpoint)) met[index] = this.#walk
  }

  /** Begins with the endpoint that a key belongs to. */
  begin(hash: number): void {
    this.#walk++
    this.#place = this.#ring.placeOf(hash)
    this.#steps = this.#ring.size
    this.#left = this.#available.length
  }

  /** The next endpoint; `undefined` once all were met. */
  next(): Endpoint | undefined {
    const ring = this.#ring
    const met = this.#met
    while (this.#left > 0 && this.#steps-- > 0) {
      const owner = ring.ownerAt(this.#place)
      this.#place = this.#place + 1 === ring.size ? 0 : this.#place + 1
      if ((met[owner] ?? closed) >= this.#walk) continue
      met[owner] = this.#walk
      this.#left--
      return this.all[owner]
    }
    return undefined
  }
}
