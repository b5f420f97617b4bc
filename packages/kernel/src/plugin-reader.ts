/**
 * Reads the plugins that a configuration lists by itself.
 *
 * @module
 */
import type { BlockReader } from './block-reader.ts'
import type { ConfigPath } from './config.ts'
import type { ListedPlugin, PluginLoader } from './plugin.ts'
import { inOrder } from './plugin-order.ts'
import type { OptionsSchema } from './schema.ts'

const noOptions: OptionsSchema<object> = {
  type: 'object',
  additionalProperties: false,
  properties: {},
}

/** Sets up the plugins that the configuration lists by itself, and keeps the loader's own keys. */
export async function readPlugins(reader: BlockReader): Promise<void> {
  const { loader } = reader.host
  if (loader === undefined) return
  for (const listed of await findListed(reader, loader)) await setUp(reader, listed)
  for (const key of loader.keys) {
    const value = reader.merged.config[key]
    // The whole is frozen in the end, and this part is the caller's.
    if (value !== undefined) reader.config[key] = structuredClone(value)
  }
}

async function findListed(reader: BlockReader, loader: PluginLoader): Promise<ListedPlugin[]> {
  try {
    return inOrder(await loader.listed(reader.merged.config, reader.report))
  } catch (error) {
    const path: ConfigPath = loader.keys.slice(0, 1)
    reader.reportError(error, path)
    return []
  }
}

async function setUp(reader: BlockReader, listed: ListedPlugin): Promise<void> {
  const { plugin, path, source } = listed
  const shaped = reader.block(listed.options ?? {}, plugin.schema ?? noOptions, path)
  if (shaped === undefined) return
  try {
    const options = plugin.schema === undefined ? undefined : shaped
    await reader.host.ensure({ plugin, options, source })
    reader.plugins.add(plugin.name)
  } catch (error) {
    reader.reportError(error, path)
  }
}
