import { NetworkSet, tryForwardedAddress, tryNetwork } from '@gatewright/ip-networks'

/** The proxies that may say on whose behalf they come. */
export class TrustedPeers {
  /** Whether they are just all that there are. */
  readonly everybody: boolean
  readonly #networks: NetworkSet

  /** @param networks Addresses and networks, already validated. */
  constructor(networks: readonly string[], everybody: boolean) {
    this.everybody = everybody
    const known = networks.map((network) => tryNetwork(network))
    this.#networks = new NetworkSet(known.filter((network) => network !== undefined))
  }

  has(address: string): boolean {
    return this.everybody || this.names(address)
  }

  /** True if the peer is one of those that are named, and not only one of everybody. */
  names(address: string): boolean {
    return this.#networks.size > 0 && this.#networks.has(address)
  }

  /**
   * The client behind the proxies of an `X-Forwarded-For` list: from the right, the first address
   * that is not trusted; what is no address ends the walk. If all are trusted, the leftmost. Empty
   * elements mean nothing (RFC 9110 section 5.6.1.2).
   * @param peer The address of the connection, which is trusted.
   */
  clientOf(forwardedFor: readonly string[], peer: string): string {
    const elements = forwardedFor.flatMap((line) => line.split(','))
    let client = peer
    for (const element of elements.toReversed()) {
      if (element.trim() === '') continue
      const address = tryForwardedAddress(element)
      if (address === undefined) return client
      client = address
      if (!this.has(address)) return client
    }
    return client
  }
}
