/**
 * In which order plugins are set up.
 *
 * @module
 */
import { errors } from './errors.ts'
import type { Plugin } from './plugin.ts'

/**
 * Given order, moved only as far as `requires` and `after` ask; names that are not among them do not count.
 * Throws GW_PLUGIN_DEPENDENCY_CYCLE and GW_PLUGIN_DUPLICATE_NAME.
 */
export function inOrder<T extends { readonly plugin: Plugin }>(uses: readonly T[]): T[] {
  const byName = new Map<string, T>()
  for (const use of uses) {
    const { name } = use.plugin
    if (byName.has(name)) throw errors.GW_PLUGIN_DUPLICATE_NAME({ name })
    byName.set(name, use)
  }
  const ordered = new Set<T>()
  const visit = (use: T, trail: readonly string[]): void => {
    if (ordered.has(use)) return
    const { name } = use.plugin
    if (trail.includes(name)) {
      throw errors.GW_PLUGIN_DEPENDENCY_CYCLE({ names: [...trail, name] })
    }
    const { requires = [], after = [] } = use.plugin
    for (const dependency of [...requires, ...after]) {
      const before = byName.get(dependency)
      if (before !== undefined) visit(before, [...trail, name])
    }
    ordered.add(use)
  }
  for (const use of uses) visit(use, [])
  return [...ordered]
}
