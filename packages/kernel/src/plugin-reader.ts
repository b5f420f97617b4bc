/**
 * Reads the plugins that a configuration lists by itself.
 *
 * @module
 */
import type { BlockReader } from './block-reader.ts'
import type { ConfigPath, ConfigProblem } from './config.ts'
import { errors } from './errors.ts'
import { type GatewayError, isGatewayError, problemOf } from './gateway-error.ts'
import type { ListedPlugin, PluginLoader, ProvidedTypes } from './plugin.ts'
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
    const found = await loader.listed(reader.merged.config, reader.report)
    const listed: ListedPlugin[] = []
    for (const entry of found) {
      if ('problem' in entry) reader.standIns.leaveOut(entry)
      else listed.push(entry)
    }
    return inOrder(withoutTwins(reader, listed))
  } catch (error) {
    const path: ConfigPath = loader.keys.slice(0, 1)
    reader.reportError(error, path)
    return []
  }
}

/** One of each name; the others are reported where they stand. */
function withoutTwins(reader: BlockReader, listed: readonly ListedPlugin[]): ListedPlugin[] {
  const byName = new Map<string, ListedPlugin>()
  for (const entry of listed) {
    const { name } = entry.plugin
    const first = byName.get(name)
    if (first === undefined) byName.set(name, entry)
    else {
      const labels = [labelOf(first), labelOf(entry)] as const
      reader.reportError(errors.GW_PLUGIN_DUPLICATE_NAME({ name, labels }), blockOf(entry))
    }
  }
  return [...byName.values()]
}

async function setUp(reader: BlockReader, listed: ListedPlugin): Promise<void> {
  const { plugin, path, source, warnings = [] } = listed
  reader.warnings.push(...warnings)
  const shaped = reader.block(listed.options ?? {}, plugin.schema ?? noOptions, path)
  const provides = reader.host.loader?.originOf?.(plugin)?.provides
  const absent = {
    label: labelOf(listed),
    ...(provides !== undefined && { provides: renamedTypes(provides, listed.alias) }),
  }
  if (shaped === undefined) {
    const problem = { path, code: 'GW_INVALID_OPTIONS', message: 'its options are wrong' }
    return reader.standIns.leaveOut({ ...absent, problem, reported: true })
  }
  try {
    const options = plugin.schema === undefined ? undefined : shaped
    await reader.host.ensure({ plugin, options, source, listed })
    reader.use(plugin.name)
    reader.listed.push(plugin.name)
  } catch (error) {
    const reported = listed.optional !== true
    if (reported) reader.reportError(error, pathOf(error, listed))
    reader.standIns.leaveOut({ ...absent, problem: problemFrom(error, blockOf(listed)), reported })
  }
}

/** Under the names that the configuration uses. */
function renamedTypes(provides: ProvidedTypes, alias: ListedPlugin['alias'] = {}): ProvidedTypes {
  return Object.fromEntries(
    Object.entries(provides).map(([kind, types]) => [
      kind,
      types.map((type) => (Object.hasOwn(alias, type) ? String(alias[type]) : type)),
    ]),
  )
}

/** Options are to blame for some errors, the block as a whole for the others. */
function pathOf(error: unknown, listed: ListedPlugin): ConfigPath {
  if (!isGatewayError(error)) return blockOf(listed)
  const aboutOptions = error.code === 'GW_PLUGIN_NEEDS_RESTART' || hasOptionsAtFault(error)
  return aboutOptions ? listed.path : blockOf(listed)
}

function hasOptionsAtFault({ problems, option }: GatewayError): boolean {
  return problems.length > 0 || option.length > 0
}

function problemFrom(error: unknown, path: ConfigPath): ConfigProblem {
  if (!isGatewayError(error)) return { path, code: 'GW_INTERNAL', message: problemOf(error) }
  const { code, message, hint } = error
  return { path, code, message, ...(hint !== undefined && { hint }) }
}

function blockOf({ path }: ListedPlugin): ConfigPath {
  return path.slice(0, 2)
}

function labelOf({ label, path }: ListedPlugin): string {
  return label ?? String(path[1])
}
