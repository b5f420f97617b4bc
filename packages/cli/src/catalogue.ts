/**
 * What could be configured: everything that the first-party plugins and those of a configuration
 * register.
 *
 * @module
 */
import { type Extension, Gateway, type Plugin, type PluginLoader } from '@gatewright/kernel'
import { loadAll } from '@gatewright/standard'
import { ConfigFile } from './config-file.ts'
import { createLog } from './log.ts'
import type { Output } from './output.ts'

/** What could be configured, and by whom it is brought. */
export interface Catalogue {
  readonly extensions: readonly Extension[]
  /** Top-level keys that the loader reads itself. */
  readonly loaderKeys: readonly string[]
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
  await gateway.understand(file.named || file.exists() ? await file.read() : {})
  return { extensions: gateway.extensions, loaderKeys: loader.keys }
}

/** Every first-party plugin, and what the command adds to them. */
async function findAll(loader: PluginLoader): Promise<Plugin[]> {
  const own = loader.types('section').map(async (type) => loader.find('section', type))
  const found = (await Promise.all(own)).filter((plugin) => plugin !== undefined)
  return [...new Set([...(await loadAll()), ...found])]
}
