import { canonicalJson } from '@gatewright/kernel'
import { isRecord } from './outline.ts'

/** One key of a block that is not the same. */
export interface KeyChange {
  /** `load_balancer.servers`; empty for a block that is a single value. */
  readonly key: string
  /** Not if the key was not there. */
  readonly before?: unknown
  /** Not if the key is gone. */
  readonly after?: unknown
  /** For lists: what only the first one has. */
  readonly removed?: readonly unknown[]
  /** For lists: what only the second one has. If nothing is removed nor added, the order differs. */
  readonly added?: readonly unknown[]
}

/** What differs between two versions of a block, key by key, in the order of the new one. */
export function keyChanges(before: unknown, after: unknown, path: string = ''): KeyChange[] {
  if (isRecord(before) && isRecord(after)) {
    return Object.keys({ ...after, ...before }).flatMap((name) =>
      keyChanges(before[name], after[name], path === '' ? name : `${path}.${name}`),
    )
  }
  if (canonicalJson(before) === canonicalJson(after)) return []
  if (Array.isArray(before) && Array.isArray(after)) {
    return [{ key: path, removed: without(before, after), added: without(after, before) }]
  }
  return [
    {
      key: path,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    },
  ]
}

/** The elements that the other list does not have, as often as it does not have them. */
function without(list: readonly unknown[], other: readonly unknown[]): unknown[] {
  const counts = new Map<string, number>()
  for (const element of other.map(canonicalJson))
    counts.set(element, (counts.get(element) ?? 0) + 1)
  return list.filter((element) => {
    const text = canonicalJson(element)
    const left = counts.get(text) ?? 0
    counts.set(text, left - 1)
    return left <= 0
  })
}
