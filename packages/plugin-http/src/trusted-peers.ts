import { BlockList, isIP, SocketAddress } from 'node:net'

/** The proxies that may say on whose behalf they come. */
export class TrustedPeers {
  readonly #networks = new BlockList()
  readonly #everybody: boolean
  readonly #nobody: boolean

  /** @param networks Addresses and networks, already validated. */
  constructor(networks: readonly string[], everybody: boolean) {
    this.#everybody = everybody
    this.#nobody = networks.length === 0
    for (const network of networks) {
      const [address = '', prefix] = network.split('/')
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
      if (prefix === undefined) this.#networks.addAddress(address, family)
      else this.#networks.addSubnet(address, Number(prefix), family)
    }
  }

  has(address: string): boolean {
    return this.#everybody || this.names(address)
  }

  /** True if the peer is one of those that are named, and not only one of everybody. */
  names(address: string): boolean {
    if (this.#nobody) return false
    const family = isIP(address)
    return family !== 0 && this.#networks.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }

  /**
   * The client behind the proxies of an `X-Forwarded-For` list: from the right, the first address
   * that is not trusted; what is no address ends the walk. If all are trusted, the leftmost.
   * @param peer The address of the connection, which is trusted.
   */
  clientOf(forwardedFor: readonly string[], peer: string): string {
    const elements = forwardedFor.flatMap((line) => line.split(','))
    let client = peer
    for (const element of elements.toReversed()) {
      const address = tryAddress(element)
      if (address === undefined) return client
      client = address
      if (!this.has(address)) return client
    }
    return client
  }
}

/**
 * One element of `X-Forwarded-For`: an address, perhaps with brackets, a port or a zone. Comes back
 * in the form in which the system writes addresses.
 */
export function tryAddress(element: string): string | undefined {
  const text = element.trim()
  const bare =
    /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([^:]+):\d{1,5}$/.exec(text)?.[1] ?? text
  const address = withoutZone(bare)
  const family = isIP(address)
  if (family === 0) return undefined
  if (family === 4) return address
  return plainAddress(new SocketAddress({ address, family: 'ipv6' }).address)
}

/** Without zone, and an IPv4 address in IPv6 clothes as what it is. As the system writes it. */
export function plainAddress(address: string): string {
  const bare = withoutZone(address)
  return bare.startsWith('::ffff:') && isIP(bare.slice(7)) === 4 ? bare.slice(7) : bare
}

function withoutZone(address: string): string {
  const zone = address.indexOf('%')
  return zone < 0 ? address : address.slice(0, zone)
}
