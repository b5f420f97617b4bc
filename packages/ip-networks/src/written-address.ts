import { isIP, SocketAddress } from 'node:net'

/**
 * One element of `X-Forwarded-For`: an address, perhaps with brackets, a port or a zone. Comes back
 * in the form in which the system writes addresses.
 */
export function tryForwardedAddress(element: string): string | undefined {
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
