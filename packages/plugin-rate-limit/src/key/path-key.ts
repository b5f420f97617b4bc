/** Nothing of this may make two paths of one; nearly no path has any of it. */
const unusual = /[%\\#]|\/[/.]/

/**
 * What stands for a path in a key, the same for all spellings that upstreams may take for one: with
 * every escape decoded once, without dot segments and doubled slashes. Whoever is counted by path
 * must not get around it with another spelling; that two resources share a limit does less harm.
 *
 * @param path As received, without query.
 */
export function pathKey(path: string): string {
  if (!unusual.test(path)) return path
  const [received = ''] = path.split('#', 1)
  const kept: string[] = []
  const segments = decoded(received).split(/[/\\]+/)
  for (const segment of segments) {
    if (segment === '..') kept.pop()
    else if (segment !== '.' && segment !== '') kept.push(segment)
  }
  const isFolder = ['', '.', '..'].includes(segments.at(-1) ?? '')
  return `/${kept.join('/')}${isFolder && kept.length > 0 ? '/' : ''}`
}

/** One character per byte, as the rest of the path is. */
function decoded(path: string): string {
  return path.replaceAll(/%([0-9A-Fa-f]{2})/g, (_escape, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
}
