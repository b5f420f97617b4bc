import { IpAddress } from './ip-address.ts'
import type { Network } from './network.ts'

/** Filled anew for each look-up; nothing happens in between. */
const probe = new IpAddress()

/**
 * What is known of networks, such as the country of each. Built once; a look-up takes steps with the
 * logarithm of their number, and allocates nothing.
 */
export class NetworkMap<T> {
  readonly #ipv4: Sections<T>
  readonly #ipv6: Sections<T>

  /**
   * Of networks that hold the same address the most specific one counts: that with the longest
   * prefix; of ranges that overlap, the one that begins later. Of the same network twice, the last.
   */
  constructor(entries: Iterable<readonly [network: Network, value: T]>) {
    const all = [...entries]
    this.#ipv4 = new Sections(
      all.filter(([{ ipv4 }]) => ipv4),
      1,
    )
    this.#ipv6 = new Sections(
      all.filter(([{ ipv4 }]) => !ipv4),
      4,
    )
  }

  /**
   * What is known of an address, by its text, such as `ctx.clientAddress`; `undefined` if no network
   * holds it. An IPv4 address in IPv6 form is what it is, a zone does not count, and what is no
   * address is in no network.
   */
  get(address: string): T | undefined {
    if (!probe.read(address)) return undefined
    return (probe.isIpv4 ? this.#ipv4 : this.#ipv6).get(probe.bytes)
  }
}

type Entry<T> = readonly [network: Network, value: T]

/** The addresses of a family, cut where what is known of them changes. */
class Sections<T> {
  /** How many 32-bit words of an address differ within the family: the last ones. */
  readonly #width: number
  /** Where sections begin, one after the other; each ends where the next one begins. */
  readonly #begins: Uint32Array
  /** Of each its place in {@link Sections.#values}. */
  readonly #places: Uint32Array
  /** What is known, each once; nothing at the first place. */
  readonly #values: (T | undefined)[] = [undefined]
  readonly #sought: Uint32Array
  #count = 0

  constructor(entries: readonly Entry<T>[], width: number) {
    const most = entries.length * 2
    this.#width = width
    this.#sought = new Uint32Array(width)
    this.#begins = new Uint32Array(most * width)
    this.#places = new Uint32Array(most)
    this.#cut(entries)
    this.#begins = this.#begins.slice(0, this.#count * width)
    this.#places = this.#places.slice(0, this.#count)
  }

  get(bytes: Uint8Array): T | undefined {
    const sought = this.#sought
    const begins = this.#begins
    const width = this.#width
    readWords(bytes, sought)
    const word = sought[0] ?? 0
    let low = 0
    let high = this.#count
    // The sections before `low` begin at or before the address; those from `high` on, behind it.
    while (low < high) {
      const middle = (low + high) >>> 1
      const first = begins[middle * width] ?? 0
      // Mostly the first word is enough.
      const order = first === word && width > 1 ? this.#compare(middle, sought) : first - word
      if (order <= 0) low = middle + 1
      else high = middle
    }
    return low === 0 ? undefined : this.#values[this.#places[low - 1] ?? 0]
  }

  /** Whichever begins later is on top of those that still go on, and counts. */
  #cut(entries: readonly Entry<T>[]): void {
    const placeOf = new Map<T, number>()
    const open: { readonly last: Uint8Array; readonly place: number }[] = []
    const begin = new Uint32Array(this.#width)
    for (const [{ first, last }, value] of entries.toSorted(bySpecificity)) {
      this.#close(open, first)
      let place = placeOf.get(value)
      if (place === undefined) {
        place = this.#values.push(value) - 1
        placeOf.set(value, place)
      }
      open.push({ last, place })
      readWords(first, begin)
      this.#add(begin, place)
    }
    this.#close(open, undefined)
  }

  /** Goes on with what is below once something ends before an address. */
  #close(
    open: { readonly last: Uint8Array; readonly place: number }[],
    before: Uint8Array | undefined,
  ): void {
    const behind = new Uint32Array(this.#width)
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      if (before !== undefined && Buffer.compare(top.last, before) >= 0) return
      open.pop()
      let below = open.at(-1)
      while (below !== undefined && Buffer.compare(below.last, top.last) <= 0) {
        open.pop()
        below = open.at(-1)
      }
      readWords(top.last, behind)
      // Nothing is behind the last address.
      if (increment(behind)) this.#add(behind, below?.place ?? 0)
    }
  }

  #add(begin: Uint32Array, place: number): void {
    // Something else that begins at the same address is of more than that, or the same.
    if (this.#count > 0 && this.#compare(this.#count - 1, begin) === 0) this.#count--
    if (this.#count > 0 && this.#places[this.#count - 1] === place) return
    this.#begins.set(begin, this.#count * this.#width)
    this.#places[this.#count] = place
    this.#count++
  }

  #compare(index: number, address: Uint32Array): number {
    const width = this.#width
    const offset = index * width
    for (let i = 0; i < width; i++) {
      const difference = (this.#begins[offset + i] ?? 0) - (address[i] ?? 0)
      if (difference !== 0) return difference
    }
    return 0
  }
}

/** The more specific one later; what is the same in the order in which it was given. */
function bySpecificity<T>([a]: Entry<T>, [b]: Entry<T>): number {
  return Buffer.compare(a.first, b.first) || Buffer.compare(b.last, a.last)
}

/** The last 32-bit words of an address, as many as there is room for. */
function readWords(bytes: Uint8Array, words: Uint32Array): void {
  let at = 16 - words.length * 4
  for (let i = 0; i < words.length; i++, at += 4) {
    const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
    words[i] = (high << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
  }
}

/** The next address; false if there is none. */
function increment(words: Uint32Array): boolean {
  for (let i = words.length - 1; i >= 0; i--) {
    const next = ((words[i] ?? 0) + 1) >>> 0
    words[i] = next
    if (next !== 0) return true
  }
  return false
}
