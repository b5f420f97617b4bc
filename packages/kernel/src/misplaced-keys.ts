/**
 * Keys of `services` blocks that belong elsewhere: into the block around or inside, or to another
 * strategy.
 *
 * @module
 */
import type { BlockReader } from './block-reader.ts'
import type { ConfigPath } from './config.ts'
import { nearest } from './nearest.ts'
import type { ExtensionKind } from './plugin.ts'
import type { PluginRegistry } from './registry.ts'
import type { ServiceFeatureFactory } from './service.ts'

type Parent = ServiceFeatureFactory['parent']

const blockNames: Readonly<Record<Parent, string>> = {
  service: 'the service itself, beside load_balancer',
  load_balancer: 'its load_balancer',
}

/**
 * Says of keys that nobody has in this block where they belong.
 * @param known What the block has.
 * @returns Those about which nothing more has to be said.
 */
export function reportMisplaced(
  reader: BlockReader,
  block: Readonly<Record<string, unknown>>,
  known: readonly string[],
  parent: Parent,
  path: ConfigPath,
): string[] {
  const unknown = Object.keys(block).filter((key) => !known.includes(key))
  return unknown.filter((key) => {
    const place = placeOf(reader, key, known, parent)
    if (place === undefined) return false
    const message = `unknown key "${key}" here; ${place}`
    reader.report({ path: [...path, key], code: 'GW_CONFIG_UNKNOWN_KEY', message })
    return true
  })
}

/**
 * Loads every type that there is, so that all of them can be suggested: only for a configuration
 * that is wrong anyway.
 */
export async function loadAll<F extends { readonly type: string }>(
  { host }: BlockReader,
  kind: ExtensionKind,
  registry: PluginRegistry<F>,
): Promise<void> {
  for (const type of host.knownTypes(kind, registry)) {
    // A plugin that cannot be loaded is nothing to suggest.
    await host.find(kind, type, registry).catch(() => undefined)
  }
}

function placeOf(
  { host }: BlockReader,
  key: string,
  known: readonly string[],
  parent: Parent,
): string | undefined {
  const elsewhere = host.serviceFeatures.all().filter((factory) => factory.parent !== parent)
  const exact = elsewhere.find(({ type }) => type === key)
  if (exact !== undefined) return `it belongs into ${blockNames[exact.parent]}`
  if (parent === 'load_balancer') {
    const strategies = host.balancers
      .all()
      .filter(({ schema }) => Object.hasOwn(schema.properties, key))
      .map(({ type }) => `"${type}"`)
    if (strategies.length > 0) return `it goes with strategy ${strategies.join(' or ')}`
  }
  if (nearest(key, known) !== undefined) return undefined
  const meant = nearest(
    key,
    elsewhere.map(({ type }) => type),
  )
  const near = elsewhere.find(({ type }) => type === meant)
  return near && `did you mean "${near.type}", which belongs into ${blockNames[near.parent]}?`
}
