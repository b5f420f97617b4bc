import { errors } from './errors.ts'

/**
 * The statuses that numbers and texts such as `"429, 500-599"` name, alone or in a list, as the
 * schema allows them. Throws GW_CIRCUIT_BAD_STATUSES for a range that ends before it begins.
 */
export function parseStatuses(written: unknown): ReadonlySet<number> {
  const statuses = new Set<number>()
  for (const range of [written].flat().flatMap((part) => String(part).split(','))) {
    const [first = 0, last = first] = range.split('-').map(Number)
    if (last < first) {
      const option = ['failure_status']
      throw errors.GW_CIRCUIT_BAD_STATUSES({ range: range.trim() }, { option })
    }
    for (let status = first; status <= last; status++) statuses.add(status)
  }
  return statuses
}
