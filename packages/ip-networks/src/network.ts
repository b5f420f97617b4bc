import { IpAddress } from './ip-address.ts'

/** Consecutive addresses of one family: a network in CIDR notation, a range, or a single address. */
export interface Network {
  /** Whether they are IPv4 addresses, however they were written. */
  readonly ipv4: boolean
  /**
   * The lowest address that belongs to it, as sixteen bytes in the order of the network; an IPv4
   * address as IPv4-mapped IPv6, so that its own four bytes are the last ones.
   */
  readonly first: Uint8Array
  /** The highest one that belongs to it, in the same form. */
  readonly last: Uint8Array
}

/**
 * An address, a network in CIDR notation (RFC 4632 section 3.1, RFC 4291 section 2.3) or a range
 * such as `10.0.0.1-10.0.0.9`; space around each address does not count. Bits of a network's
 * address behind its prefix do not matter. `undefined` if the text is none of them.
 *
 * `::/0` holds no IPv4 address, although those are mapped into it here.
 */
export function tryNetwork(text: string): Network | undefined {
  const dash = text.indexOf('-')
  if (dash >= 0) return rangeOf(tryAddress(text.slice(0, dash)), tryAddress(text.slice(dash + 1)))
  const [, host = '', length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? []
  const address = tryAddress(host)
  if (address === undefined) return undefined
  const unused = host.includes(':') ? 0 : 96
  const bits = length === undefined ? 128 : Number(length) + unused
  return bits > 128 ? undefined : networkOf(address, bits)
}

/** A zone would have no meaning here, since addresses are compared without theirs. */
function tryAddress(text: string): IpAddress | undefined {
  const bare = text.trim()
  const address = new IpAddress()
  return !bare.includes('%') && address.read(bare) ? address : undefined
}

function rangeOf(first: IpAddress | undefined, last: IpAddress | undefined): Network | undefined {
  if (first === undefined || last === undefined || first.isIpv4 !== last.isIpv4) return undefined
  if (Buffer.compare(first.bytes, last.bytes) > 0) return undefined
  return { ipv4: first.isIpv4, first: first.bytes, last: last.bytes }
}

/** @param bits How many of the 128 bits of the address count. */
function networkOf(address: IpAddress, bits: number): Network {
  const ipv4 = bits >= 96 && address.isIpv4
  const first = address.bytes.slice()
  const last = address.bytes.slice()
  for (let i = bits >> 3; i < 16; i++) {
    const free = i === bits >> 3 ? 0xff >> (bits & 7) : 0xff
    first[i] = (first[i] ?? 0) & ~free
    last[i] = (last[i] ?? 0) | free
  }
  return { ipv4, first, last }
}
