/**
 * Whom an address belongs to, as far as that can be told: an IPv4 address is itself, an IPv6 one
 * its network of 64 bits, since whoever has one address of that has them all. An IPv4 address in
 * IPv6 clothes is what it is.
 * @param address As the system writes it, perhaps with a zone.
 */
export function clientNetworkOf(address: string): string {
  const bare = address.split('%', 1)[0] ?? ''
  if (!bare.includes(':')) return bare
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1]
  if (mapped !== undefined) return mapped
  const [left = '', right] = bare.split('::')
  const front = groupsOf(left)
  if (right !== undefined) {
    const back = groupsOf(right)
    while (front.length + back.length < 8) front.push('0')
    front.push(...back)
  }
  return `${front.slice(0, 4).join(':')}::/64`
}

function groupsOf(part: string): string[] {
  if (part === '') return []
  return part.split(':').flatMap((group) =>
    // The last 32 bits may be written as an IPv4 address; they are no part of the network.
    group.includes('.') ? ['0', '0'] : [group.toLowerCase().replace(/^0+(?=.)/, '')],
  )
}
