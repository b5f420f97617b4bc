import { isRecord, isSealed, sealed, unknownValue } from './outline.ts'

/**
 * Makes two values comparable: what is a secret in one of them, because it came from the
 * environment for example, is one in the other too. What is not known in the second one is taken to
 * be the secret of the first.
 */
export function aligned(before: unknown, after: unknown, key: string): [unknown, unknown] {
  if (after === unknownValue) return [before, isSealed(before) ? before : after]
  if (isSealed(before) || isSealed(after)) return [closed(before, key), closed(after, key)]
  if (Array.isArray(before) && Array.isArray(after)) return alignedLists(before, after, key)
  if (!isRecord(before) || !isRecord(after)) return [before, after]
  const pairs = Object.keys({ ...before, ...after }).map((name) => {
    const both = Object.hasOwn(before, name) && Object.hasOwn(after, name)
    return [name, both ? aligned(before[name], after[name], key) : undefined] as const
  })
  const side = (values: Readonly<Record<string, unknown>>, index: 0 | 1): object => {
    const changed = pairs.flatMap(([name, pair]) =>
      pair === undefined ? [] : [[name, pair[index]] as const],
    )
    return { ...values, ...Object.fromEntries(changed) }
  }
  return [side(before, 0), side(after, 1)]
}

/** Elements are at the same place, or there is nothing to say about which is which. */
function alignedLists(
  before: readonly unknown[],
  after: readonly unknown[],
  key: string,
): [unknown, unknown] {
  if (before.length !== after.length) return [before, after]
  const pairs = before.map((value, index) => aligned(value, after[index], key))
  return [pairs.map(([value]) => value), pairs.map(([, value]) => value)]
}

function closed(value: unknown, key: string): unknown {
  return isSealed(value) ? value : sealed(value, key)
}
