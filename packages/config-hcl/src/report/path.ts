import type { ConfigPath } from '@gatewright/kernel'

/** Sections whose blocks have labels. */
const labelled = new Set(['entrypoints', 'routers', 'services', 'middlewares', 'plugins'])

/**
 * A path as people read it: `middlewares "limit" / rate`,
 * `services "api" / load_balancer / servers[0] / url`. Empty for the whole file.
 */
export function formatPath(path: ConfigPath): string {
  return path.map((segment, index) => formatSegment(segment, index, path)).join('')
}

function formatSegment(segment: string | number, index: number, path: ConfigPath): string {
  if (typeof segment === 'number') return `[${segment}]`
  if (index === 1 && labelled.has(String(path[0]))) return ` ${JSON.stringify(segment)}`
  const name = /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u.test(segment)
    ? segment
    : JSON.stringify(segment)
  return index === 0 ? name : ` / ${name}`
}
