import { IpAddress } from './ip-address.ts'
import type { Network } from './network.ts'

/** Filled anew for each look-up; nothing happens in between. */
const probe = new IpAddress()

/**
 * Networks that are searched by bisection: what it costs to ask grows with the logarithm of their
 * number, and nothing is allocated.
 */
export class NetworkSet {
  readonly #ipv4: SortedRanges
  readonly #ipv6: SortedRanges

  constructor(networks: Iterable<Network>) {
    const all = [...networks]
    // What differs among IPv4 addresses are their last four bytes.
    this.#ipv4 = new SortedRanges(
      all.filter(({ ipv4 }) => ipv4),
      12,
    )
    this.#ipv6 = new SortedRanges(
      all.filter(({ ipv4 }) => !ipv4),
      0,
    )
  }

  /** Ranges, after those that overlap have become one. */
  get size(): number {
    return this.#ipv4.size + this.#ipv6.size
  }

  /**
   * True if one of the networks holds the address. An IPv4 address in IPv6 form is what it is, a
   * zone does not count, and what is no address is in no network.
   */
  has(address: string): boolean {
    if (!probe.read(address)) return false
    return (probe.isIpv4 ? this.#ipv4 : this.#ipv6).has(probe.bytes)
  }
}

/** Ranges in order, which neither overlap nor contain each other, one after the other in memory. */
class SortedRanges {
  readonly size: number
  readonly #firsts: Uint8Array
  readonly #lasts: Uint8Array
  /** The first byte that is compared. */
  readonly #from: number

  constructor(networks: readonly Network[], from: number) {
    const ranges = merged(networks)
    this.size = ranges.length
    this.#from = from
    this.#firsts = Buffer.concat(ranges.map(({ first }) => first))
    this.#lasts = Buffer.concat(ranges.map(({ last }) => last))
  }

  has(address: Uint8Array): boolean {
    let low = 0
    let high = this.size
    // The ranges before `low` begin at or before the address; those from `high` on, behind it.
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(this.#firsts, middle, address) <= 0) low = middle + 1
      else high = middle
    }
    return low > 0 && this.#compare(this.#lasts, low - 1, address) >= 0
  }

  #compare(bounds: Uint8Array, index: number, address: Uint8Array): number {
    const offset = index * 16
    for (let i = this.#from; i < 16; i++) {
      const difference = (bounds[offset + i] ?? 0) - (address[i] ?? 0)
      if (difference !== 0) return difference
    }
    return 0
  }
}

/** In order, with what overlaps made into one. */
function merged(networks: readonly Network[]): Pick<Network, 'first' | 'last'>[] {
  const ranges: { first: Uint8Array; last: Uint8Array }[] = []
  for (const { first, last } of networks.toSorted((a, b) => Buffer.compare(a.first, b.first))) {
    const previous = ranges.at(-1)
    if (previous === undefined || Buffer.compare(first, previous.last) > 0) {
      ranges.push({ first, last })
    } else if (Buffer.compare(last, previous.last) > 0) previous.last = last
  }
  return ranges
}
