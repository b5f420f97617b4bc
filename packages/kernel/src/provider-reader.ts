/**
 * Reads the blocks in `providers`.
 *
 * @module
 */
import { type BlockReader, unwrapped } from './block-reader.ts'
import type { Planned } from './blueprint.ts'
import type { ProviderFactory } from './provider.ts'

/** Understands the blocks in `providers`. */
export async function readProviders(reader: BlockReader): Promise<Planned<ProviderFactory>[]> {
  const value = reader.merged.config['providers']
  const path = ['providers']
  const blocks = value === undefined ? {} : (unwrapped(value) ?? {})
  const plans: Planned<ProviderFactory>[] = []
  for (const [type, block] of Object.entries(blocks)) {
    const where = [...path, type]
    const factory = await reader.factory('provider', reader.host.providers, type, where)
    if (factory === undefined) continue
    const options = reader.block(block, factory.schema, where)
    if (options === undefined) continue
    reader.keep('providers', type, options)
    plans.push({ factory, options })
  }
  return plans
}
