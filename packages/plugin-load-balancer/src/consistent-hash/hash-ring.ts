import type { Endpoint } from '@gatewright/kernel'
import { hashText, mixHash } from './hash.ts'

/** Points of an endpoint per unit of weight, as long as no weight is above {@link fineWeight}. */
const finePoints = 256
const fineWeight = 32
/** How much fewer points a unit of weight gets, and how much higher weights may be then. */
const coarser = 16
/** A ring of this size is built in some tens of milliseconds and takes two megabytes. */
const maxPoints = 2 ** 18
/** A point and the index of its owner make one number that is exact. */
const ownerLimit = 2 ** 21

/**
 * Endpoints on a circle of hashes, each at as many points as its weight asks for. Whoever leaves
 * gives up its own arcs and moves no others. Of endpoints it looks at URL and configured weight,
 * which do not change without another list of them.
 */
export class HashRing {
  /** Ascending. */
  readonly #points: Uint32Array
  readonly #owners: Uint32Array
  readonly #endpoints: readonly Endpoint[]
  readonly #weights: readonly number[]

  constructor(endpoints: readonly Endpoint[]) {
    this.#endpoints = endpoints
    this.#weights = endpoints.map(({ configuredWeight }) => configuredWeight)
    const marks = marksOf(endpoints).toSorted()
    this.#points = new Uint32Array(marks.length)
    this.#owners = new Uint32Array(marks.length)
    for (let place = 0; place < marks.length; place++) {
      const mark = marks[place] ?? 0
      const point = Math.floor(mark / ownerLimit)
      this.#points[place] = point
      this.#owners[place] = mark - point * ownerLimit
    }
  }

  /** True if it would be built of these endpoints just the same. */
  fits(endpoints: readonly Endpoint[]): boolean {
    if (endpoints.length !== this.#endpoints.length) return false
    return endpoints.every(
      (endpoint, index) =>
        endpoint === this.#endpoints[index] && endpoint.configuredWeight === this.#weights[index],
    )
  }

  /** How many places there are. */
  get size(): number {
    return this.#points.length
  }

  /** The first place at a hash or behind it; of no meaning for a ring without places. */
  placeOf(hash: number): number {
    const points = this.#points
    let low = 0
    let high = points.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((points[middle] ?? 0) < hash) low = middle + 1
      else high = middle
    }
    return low === points.length ? 0 : low
  }

  /** Index of the endpoint at a place. */
  ownerAt(place: number): number {
    return this.#owners[place] ?? 0
  }
}

/** Every point with its owner, as one number that sorts by the point. */
function marksOf(endpoints: readonly Endpoint[]): Float64Array {
  const perUnit = pointsPerUnit(endpoints)
  const counts = endpoints.map(({ configuredWeight: weight }) =>
    weight === 0 ? 0 : Math.max(1, Math.round(weight * perUnit)),
  )
  const marks = new Float64Array(counts.reduce((sum, count) => sum + count, 0))
  const seen = new Map<string, number>()
  let next = 0
  for (const [owner, { url }] of endpoints.entries()) {
    const { href } = url
    // Two servers with one URL are two endpoints.
    const ordinal = seen.get(href) ?? 0
    seen.set(href, ordinal + 1)
    const seed = hashText(ordinal === 0 ? href : `${href} ${ordinal}`)
    const end = next + (counts[owner] ?? 0)
    for (let i = 1; next < end; i++) {
      marks[next++] = mixHash(seed ^ mixHash(i)) * ownerLimit + owner
    }
  }
  return marks
}

/**
 * Depends on as little as possible: whenever it changes, half of all keys move. Weights like 100
 * make no rings of a hundred times the size; the sum of them counts only where a ring would take
 * too long to build.
 */
function pointsPerUnit(endpoints: readonly Endpoint[]): number {
  let heaviest = 0
  let sum = 0
  for (const { configuredWeight: weight } of endpoints) {
    heaviest = Math.max(heaviest, weight)
    sum += weight
  }
  let points = finePoints
  for (let weight = fineWeight; heaviest > weight; weight *= coarser) points /= coarser
  while (sum * points > maxPoints) points /= 2
  return points
}
