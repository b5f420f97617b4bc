/**
 * Reads the blocks in `providers`.
 *
 * @module
 */
import { type BlockReader, unwrapped } from './block-reader.ts'
import { combine, pick, providerKeys } from './block-schemas.ts'
import type { ProviderPlan } from './blueprint.ts'
import { labelOf } from './stray-label.ts'

/** Understands the blocks in `providers`. */
export async function readProviders(reader: BlockReader): Promise<ProviderPlan[]> {
  const value = reader.merged.config['providers']
  const path = ['providers']
  const blocks = value === undefined ? {} : (unwrapped(value) ?? {})
  const plans: ProviderPlan[] = []
  for (const [type, block] of Object.entries(blocks)) {
    const where = [...path, type]
    const factory = await reader.factory('provider', reader.host.providers, type, where)
    if (factory === undefined) continue
    const label = labelOf(block, { ...factory.schema.properties, ...providerKeys })
    if (label !== undefined) {
      const message = `a provider takes no label, and "${type}" has no block "${label}"`
      reader.report({ path: where, code: 'GW_CONFIG_LABEL', message })
      continue
    }
    const options = reader.block(block, combine(providerKeys, [], [factory.schema]), where)
    if (options === undefined) continue
    reader.keep('providers', type, options)
    // The schema of the common keys was part of the validation.
    const syncTimeoutMs = options['initial_sync_timeout'] as number
    plans.push({ factory, options: pick(options, factory.schema), syncTimeoutMs })
  }
  return plans
}
