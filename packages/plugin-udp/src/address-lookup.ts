import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'

/** An address and what kind of socket reaches it. */
export interface SocketAddress {
  readonly address: string
  readonly type: 'udp4' | 'udp6'
}

/** The first address of a name; an address as it is. Rejects with what the resolver says. */
export async function addressOf(host: string): Promise<SocketAddress> {
  const known = isIP(host)
  const { address, family } = known === 0 ? await lookup(host) : { address: host, family: known }
  return { address, type: family === 6 ? 'udp6' : 'udp4' }
}

/**
 * For sockets that are only given addresses: Node asks the resolver for each datagram, and waits.
 */
export function asIs(
  host: string,
  options: unknown,
  callback: (error: null, address: string, family: number) => void,
): void {
  void options
  callback(null, host, isIP(host))
}
