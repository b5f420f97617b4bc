/**
 * Reads everything at top level that is neither a section of the kernel nor of the loader.
 *
 * @module
 */
import type { BlockReader } from './block-reader.ts'
import { ownSections, topLevelKeys, topLevelSchema } from './block-schemas.ts'
import type { Planned, SectionPlan } from './blueprint.ts'
import type { SectionFactory } from './plugin.ts'
import type { RoutingFactory } from './routing.ts'
import { labelOf } from './stray-label.ts'
import { unknownKey } from './validation.ts'

/** Reads everything at top level that is neither a section of the kernel nor of the loader. */
export async function readTopLevel(
  reader: BlockReader,
  routing: Planned<RoutingFactory> | undefined,
): Promise<SectionPlan[]> {
  const plans: SectionPlan[] = []
  const elsewhere = new Set([
    ...ownSections,
    ...Object.keys(topLevelKeys),
    ...Object.keys(routing?.factory.schema.properties ?? {}),
    ...(reader.host.loader?.keys ?? []),
  ])
  for (const [key, value] of Object.entries(reader.merged.config)) {
    if (!elsewhere.has(key)) plans.push(...(await readSection(reader, key, value, elsewhere)))
  }
  reader.topLevel(topLevelSchema)
  for (const { section } of plans) refuseReplaced(reader, section.factory)
  return plans
}

function refuseReplaced(reader: BlockReader, { type, replaces = [] }: SectionFactory): void {
  for (const other of replaces) {
    if (reader.merged.config[other] === undefined) continue
    const message = `"${other}" cannot stand beside "${type}", which says the same`
    const hint = `have it in "${type}", or take that out`
    reader.report({ path: [other], code: 'GW_CONFIG_DUPLICATE', message, hint })
  }
}

async function readSection(
  reader: BlockReader,
  key: string,
  value: unknown,
  otherKeys: Iterable<string>,
): Promise<SectionPlan[]> {
  const { sections } = reader.host
  const path = [key]
  const section = await reader.find('section', sections, key, path)
  if (section === undefined) {
    const known = [...otherKeys, ...reader.host.knownTypes('section', sections)]
    if (reader.hasFailed('section', key) || reader.isExcused('section', key, path, known)) return []
    reader.report(unknownKey(path, known))
    return []
  }
  const { labelled, schema } = section.factory
  if (!labelled) {
    const { properties, additionalProperties } = schema
    const label = additionalProperties === false ? labelOf(value, properties ?? {}) : undefined
    if (label !== undefined) {
      const message = `"${key}" takes no label, and has no block "${label}"`
      reader.report({ path, code: 'GW_CONFIG_LABEL', message })
      return []
    }
    const options = reader.value(value, schema, path)
    if (options === undefined) return []
    reader.config[key] = options
    return [{ section, label: undefined, options }]
  }
  return Object.entries(reader.labelled(key)).flatMap(([label, block]) => {
    const options = reader.block(block, schema, [key, label])
    if (options === undefined) return []
    reader.keep(key, label, options)
    return [{ section, label, options }]
  })
}
