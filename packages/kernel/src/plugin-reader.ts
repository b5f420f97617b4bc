import type { BlockReader } from './block-reader.ts'

/** Sets up the plugins that the configuration lists by itself, and keeps the loader's own keys. */
export async function readPlugins(reader: BlockReader): Promise<void> {
  const { host, merged } = reader
  const { loader } = host
  if (loader === undefined) return
  const listed = await loader.listed(merged.config, reader.report)
  for (const { plugin, options, path, source } of listed) {
    const schema = plugin.schema ?? {
      type: 'object',
      additionalProperties: false,
      properties: {},
    }
    const given = options === undefined ? {} : options
    const shaped = reader.block(given, schema, path)
    if (shaped === undefined) continue
    try {
      const own = plugin.schema === undefined ? undefined : shaped
      await host.ensure({ plugin, options: own, source })
      reader.plugins.add(plugin.name)
    } catch (error) {
      reader.reportError(error, path)
    }
  }
  for (const key of loader.keys) {
    const value = merged.config[key]
    if (value !== undefined) reader.config[key] = value
  }
}
