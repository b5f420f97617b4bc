/**
 * Reads `entrypoints` blocks: the protocol, the features that own the other keys, the address.
 *
 * @module
 */
import { addressesConflict, tryAddress } from './address.ts'
import { type BlockReader, unwrapped } from './block-reader.ts'
import { combine, entrypointKeys, pick } from './block-schemas.ts'
import type { EntrypointPlan, SectionPlan } from './blueprint.ts'
import type { ConfigPath, Report } from './config.ts'
import { nearest } from './nearest.ts'
import type { EntrypointFeatureFactory, ListenAddress, ProtocolFactory } from './protocol.ts'
import type { AnyOptions, OptionsSchema } from './schema.ts'

type Block = Readonly<Record<string, unknown>>

/** Understands one `entrypoints` block. `undefined` if it is of no use. */
export async function readEntrypoint(
  reader: BlockReader,
  name: string,
  block: unknown,
): Promise<EntrypointPlan | undefined> {
  const path = ['entrypoints', name]
  const raw = unwrapped(block) ?? {}
  const type = typeof raw['protocol'] === 'string' ? raw['protocol'] : 'http'
  const { protocols } = reader.host
  const factory = await reader.factory('protocol', protocols, type, [...path, 'protocol'])
  if (factory === undefined) return undefined
  await reader.addCompanions('protocol', type, [...path, 'protocol'])
  const features = await findFeatures(reader, factory, raw, path)
  // Without what guards it, it does not open.
  const isUnguarded = Object.keys(raw).some(
    (key) => !isOwned(reader, key) && reader.isExcused('entrypoint feature', key, [...path, key]),
  )
  if (isUnguarded) return undefined
  const schemas = [factory.schema, ...features.map(({ schema }) => schema)]
  const options = reader.block(block, combine(entrypointKeys, ['address'], schemas), path)
  if (options === undefined) return undefined
  const addressText = String(options['address'])
  const address = readAddress(addressText, [...path, 'address'], reader.report)
  if (address === undefined) return undefined
  reader.keep('entrypoints', name, options)
  const used = features.filter(({ schema }) => isMentioned(schema, raw))
  // Marks their plugins as used; a feature need not be called like its keys.
  for (const feature of used) {
    await reader.find('entrypoint feature', reader.host.entrypointFeatures, feature.type, path)
  }
  return {
    name,
    path,
    address,
    addressText,
    folder: reader.merged.folderOf(path),
    factory,
    options: pick(options, factory.schema),
    features: used.map((feature) => ({
      factory: feature,
      options: pick(options, feature.schema),
    })),
  }
}

/** What sections listen on. Reports addresses that are none. */
export function readOwnListeners(
  { merged, report }: BlockReader,
  sections: readonly SectionPlan[],
): EntrypointPlan[] {
  return sections.flatMap(({ section: { type, factory }, label, options }) => {
    const path = label === undefined ? [type] : [type, label]
    const folder = merged.folderOf(path)
    return (factory.listeners?.(options) ?? []).flatMap((own): EntrypointPlan[] => {
      const { address: addressText, protocol } = own
      const address = readAddress(addressText, [...path, 'address'], report)
      if (address === undefined) return []
      const rest = { factory: protocol, options: own.options, features: [] }
      return [{ name: path.join(' '), path, address, addressText, folder, ...rest }]
    })
  })
}

/** Reports entrypoints that cannot listen at the same time. */
export function checkAddresses(entrypoints: readonly EntrypointPlan[], report: Report): void {
  for (const [index, entrypoint] of entrypoints.entries()) {
    const { network } = entrypoint.factory
    const other = entrypoints
      .slice(0, index)
      .find(
        (e) => e.factory.network === network && addressesConflict(e.address, entrypoint.address),
      )
    if (other === undefined) continue
    report({
      path: [...entrypoint.path, 'address'],
      code: 'GW_CONFIG_ADDRESS_CONFLICT',
      message: `address already used by entrypoint "${other.name}"`,
    })
  }
}

/** Loads the features that own the keys of the block which nobody else does. */
async function findFeatures(
  reader: BlockReader,
  protocol: ProtocolFactory,
  block: Block,
  path: ConfigPath,
): Promise<EntrypointFeatureFactory[]> {
  const { entrypointFeatures } = reader.host
  const known = reader.host.knownTypes('entrypoint feature', entrypointFeatures)
  for (const key of Object.keys(block)) {
    if (Object.hasOwn(entrypointKeys, key) || Object.hasOwn(protocol.schema.properties, key)) {
      continue
    }
    await reader.find('entrypoint feature', entrypointFeatures, key, path)
    const owned = isOwned(reader, key)
    // Only the keys of features that are loaded can be suggested.
    const meant = owned ? undefined : nearest(key, known)
    if (meant !== undefined) {
      await reader.find('entrypoint feature', entrypointFeatures, meant, path)
    }
  }
  return entrypointFeatures
    .all()
    .filter(({ protocols: only }) => only === undefined || only.includes(protocol.type))
}

/** True if a feature that is loaded has the key. */
function isOwned({ host }: BlockReader, key: string): boolean {
  return host.entrypointFeatures.all().some(({ schema }) => Object.hasOwn(schema.properties, key))
}

function readAddress(text: string, path: ConfigPath, report: Report): ListenAddress | undefined {
  const address = tryAddress(text)
  if (address !== undefined) return address
  const message = `invalid address "${text}"; expected "host:port", "[v6]:port" or ":port"`
  report({ path, code: 'GW_CONFIG_ADDRESS', message })
  return undefined
}

function isMentioned(schema: OptionsSchema<AnyOptions>, block: Block): boolean {
  return Object.keys(schema.properties).some((key) => block[key] !== undefined)
}
