/**
 * Whom an address belongs to, as far as that can be told: an IPv4 address is itself, an IPv6 one its
 * network, since whoever has one address of that has them all. An IPv4 address in IPv6 form is what
 * it is.
 * @param address As the system writes it, perhaps with a zone.
 * @param bits Length of the prefix of an IPv6 network.
 */
export function clientNetworkOf(address: string, bits = 64): string {
  if (!address.includes(':')) return address
  const zone = address.indexOf('%')
  const groups = groupsOf(zone < 0 ? address : address.slice(0, zone))
  if (isMapped(groups)) return dotted(groups)
  return networkText(groups, bits)
}

/** The eight groups; `::` stands for as many zeros as are missing. */
function groupsOf(address: string): number[] {
  const gap = address.indexOf('::')
  if (gap < 0) return parseGroups(address)
  const groups = parseGroups(address.slice(0, gap))
  const back = parseGroups(address.slice(gap + 2))
  while (groups.length + back.length < 8) groups.push(0)
  groups.push(...back)
  return groups
}

function parseGroups(part: string): number[] {
  const groups: number[] = []
  if (part === '') return groups
  for (const group of part.split(':')) {
    if (!group.includes('.')) {
      groups.push(Number.parseInt(group, 16))
      continue
    }
    // The last 32 bits may be written as an IPv4 address.
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    groups.push(a * 256 + b, c * 256 + d)
  }
  return groups
}

function isMapped(groups: readonly number[]): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)
}

function dotted(groups: readonly number[]): string {
  const [high = 0, low = 0] = groups.slice(6)
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
}

function networkText(groups: readonly number[], bits: number): string {
  let text = ''
  for (let i = 0; i * 16 < bits; i++) {
    const kept = Math.min(16, bits - i * 16)
    const mask = (0xffff << (16 - kept)) & 0xffff
    text += `${((groups[i] ?? 0) & mask).toString(16)}:`
  }
  return `${text}:/${bits}`
}
