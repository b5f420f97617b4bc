/**
 * Each block of a configuration as a text, and which blocks differ between two configurations.
 *
 * @module
 */
import { createHash } from 'node:crypto'
import { ownSections } from './block-schemas.ts'
import { canonicalJson } from './canonical.ts'
import type { ConfigPath } from './config.ts'
import { isRecord } from './merged-config.ts'

/** What the blocks of a configuration are sorted by. `sections` has all that is none of the others. */
export type BlockKind =
  | 'entrypoints'
  | 'routers'
  | 'services'
  | 'middlewares'
  | 'providers'
  | 'sections'

/** Names of blocks that are not the same in two configurations, each list in order. */
export interface BlockChanges {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly updated: readonly string[]
}

/**
 * What differs between two configurations. A section without labels is named by its key, such as
 * `shutdown_timeout_secs`; one with labels by both: `plugins.audit`.
 */
export type ConfigChanges = Readonly<Record<BlockKind, BlockChanges>>

/** By kind and name a text that is the same if and only if the block is. */
export type BlockTexts = Readonly<Record<BlockKind, ReadonlyMap<string, string>>>

/** In the order in which they are told. */
export const blockKinds: readonly BlockKind[] = [
  'entrypoints',
  'routers',
  'services',
  'middlewares',
  'providers',
  'sections',
]

/**
 * The texts of all blocks of a configuration.
 *
 * @param labelled Sections of plugins and keys of the loader whose blocks have labels.
 * @param whereFrom What makes equal blocks different: where their relative paths begin.
 */
export function blockTextsOf(
  config: Readonly<Record<string, unknown>>,
  labelled: ReadonlySet<string>,
  whereFrom: (path: ConfigPath) => string = () => '',
): BlockTexts {
  const textsOf = (kind: string): ReadonlyMap<string, string> => {
    const blocks = config[kind]
    const entries = isRecord(blocks) ? Object.entries(blocks) : []
    return new Map(
      entries.map(([name, block]) => [name, canonicalJson(block) + whereFrom([kind, name])]),
    )
  }
  const sections = Object.entries(config).flatMap(([key, value]) => {
    if (ownSections.includes(key)) return []
    if (!labelled.has(key) || !isRecord(value)) return [[key, value] as const]
    return Object.entries(value).map(([label, block]) => [`${key}.${label}`, block] as const)
  })
  return {
    entrypoints: textsOf('entrypoints'),
    routers: textsOf('routers'),
    services: textsOf('services'),
    middlewares: textsOf('middlewares'),
    providers: textsOf('providers'),
    sections: new Map(sections.map(([name, block]) => [name, canonicalJson(block)])),
  }
}

/** Which blocks are in one of them only, and which are in both and differ. */
export function compareBlocks(before: BlockTexts, after: BlockTexts): ConfigChanges {
  return {
    entrypoints: changesBetween(before.entrypoints, after.entrypoints),
    routers: changesBetween(before.routers, after.routers),
    services: changesBetween(before.services, after.services),
    middlewares: changesBetween(before.middlewares, after.middlewares),
    providers: changesBetween(before.providers, after.providers),
    sections: changesBetween(before.sections, after.sections),
  }
}

/** True if there is nothing in any of the lists. */
export function isUnchanged(changes: ConfigChanges): boolean {
  return blockKinds.every((kind) => {
    const { added, removed, updated } = changes[kind]
    return added.length + removed.length + updated.length === 0
  })
}

/**
 * 16 hexadecimal digits that are the same for equal configurations, in whatever order written.
 * @param absent Plugins that they have to do without.
 */
export function hashOf(texts: BlockTexts, absent: readonly string[] = []): string {
  const hash = createHash('sha256')
  for (const plugin of absent) hash.update(`${JSON.stringify(['absent', plugin])}\n`)
  for (const kind of blockKinds) {
    const blocks = [...texts[kind]].toSorted(([a], [b]) => (a < b ? -1 : 1))
    for (const [name, text] of blocks) hash.update(`${JSON.stringify([kind, name])}${text}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}

function changesBetween(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): BlockChanges {
  const names = [...after.keys()]
  return {
    added: names.filter((name) => !before.has(name)).toSorted(),
    removed: [...before.keys()].filter((name) => !after.has(name)).toSorted(),
    updated: names
      .filter((name) => before.has(name) && before.get(name) !== after.get(name))
      .toSorted(),
  }
}
