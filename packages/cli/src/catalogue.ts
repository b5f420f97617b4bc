/**
 * What could be configured: everything that the first-party plugins and those of a configuration
 * register.
 *
 * @module
 */
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Extension, Gateway, type Plugin, type PluginLoader } from '@gatewright/kernel'
import { loadAll } from '@gatewright/standard'
import { isPlugin, packageAround } from '@gatewright/standard/packages'
import { ConfigFile } from './config-file.ts'
import { createLog } from './log.ts'
import type { Output } from './output.ts'

/** What could be configured, and by whom it is brought. */
export interface Catalogue {
  readonly extensions: readonly Extension[]
  /** Top-level keys that the loader reads itself. */
  readonly loaderKeys: readonly string[]
  /** File of each plugin that the configuration lists, by its name. */
  readonly sources: ReadonlyMap<string, string>
}

/**
 * Sets up all first-party plugins and, if there is a configuration file, those that it lists. A file
 * that was not named need not be there; one that is wrong in other ways does no harm.
 */
export async function readCatalogue(path: string | undefined, output: Output): Promise<Catalogue> {
  const file = new ConfigFile(path)
  const log = await createLog('warn', output.stderr, output.json)
  const loader = file.createLoader()
  await using gateway = new Gateway({ log, loader, plugins: await findAll(loader) })
  const config = file.named || file.exists() ? await file.read() : {}
  const { blueprint } = await gateway.understand(config)
  const listed = await loader.listed(blueprint.config, () => {})
  return {
    extensions: gateway.extensions,
    loaderKeys: loader.keys,
    sources: new Map(
      listed.flatMap((one) => ('plugin' in one ? [[one.plugin.name, one.source] as const] : [])),
    ),
  }
}

/** The version of the package of a plugin; `undefined` for a file without one. */
export function pluginVersion(name: string, source: string | undefined): string | undefined {
  const folder = source === undefined ? packageFolder(name) : dirname(source)
  const found = folder === undefined ? undefined : packageAround(folder)
  // A local file is in the package of the project that uses it.
  if (found === undefined || (source !== undefined && !isPlugin(found.manifest))) return undefined
  return String(found.manifest['version'])
}

/** Where a first-party package is; it is a dependency of the standard ones. */
function packageFolder(name: string): string | undefined {
  try {
    const standard = fileURLToPath(import.meta.resolve('@gatewright/standard'))
    return dirname(createRequire(standard).resolve(`${name}/package.json`))
  } catch {
    return undefined
  }
}

/** Every first-party plugin, and what the command adds to them. */
async function findAll(loader: PluginLoader): Promise<Plugin[]> {
  const own = loader.types('section').map(async (type) => loader.find('section', type))
  const found = (await Promise.all(own)).filter((plugin) => plugin !== undefined)
  return [...new Set([...(await loadAll()), ...found])]
}
