/**
 * What could be configured: everything that the first-party plugins and those of a configuration
 * register.
 *
 * @module
 */
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Extension,
  type ExtensionKind,
  Gateway,
  type Plugin,
  type PluginLoader,
  problemOf,
} from '@gatewright/kernel'
import { loadAll } from '@gatewright/standard'
import { isPlugin, packageAround } from '@gatewright/standard/packages'
import type { Logger } from 'pino'
import { ConfigFile } from './config-file.ts'
import { createLog } from './log.ts'
import type { Output } from './output.ts'

/** Where a plugin is from. */
export interface PluginSource {
  readonly file: string
  /** False for one that is there since the project depends upon its package. */
  readonly isListed: boolean
}

const kinds: readonly ExtensionKind[] = [
  'protocol',
  'entrypoint feature',
  'upgrade',
  'routing',
  'middleware',
  'balancer',
  'service feature',
  'transport',
  'provider',
  'section',
  'matcher',
  'dialect',
]

/** What could be configured, and by whom it is brought. */
export interface Catalogue {
  readonly extensions: readonly Extension[]
  /** Top-level keys that the loader reads itself. */
  readonly loaderKeys: readonly string[]
  /** Where plugins are from that do not come with Gatewright, by name. */
  readonly sources: ReadonlyMap<string, PluginSource>
}

/**
 * Sets up all first-party plugins, those that the project depends upon and, if there is a
 * configuration file, those that it lists. A file
 * that was not named need not be there; one that is wrong in other ways does no harm.
 */
export async function readCatalogue(path: string | undefined, output: Output): Promise<Catalogue> {
  const file = new ConfigFile(path)
  const log = await createLog('warn', output.stderr, output.json)
  const loader = file.createLoader()
  const document = file.named || file.exists() ? await file.read() : undefined
  // What has a block is not looked for among the dependencies of the project.
  const listed = await loader.listed(document?.config ?? {}, () => {})
  const installed = await findInstalled(loader, log)
  const plugins = [...(await findAll(loader)), ...installed]
  await using gateway = new Gateway({ log, loader, plugins })
  await gateway.understand(document ?? {})
  const sources = new Map<string, PluginSource>()
  for (const plugin of installed) {
    const origin = loader.originOf?.(plugin)?.file
    if (origin !== undefined) sources.set(plugin.name, { file: origin, isListed: false })
  }
  for (const one of listed) {
    if ('plugin' in one) sources.set(one.plugin.name, { file: one.source, isListed: true })
  }
  return { extensions: gateway.extensions, loaderKeys: loader.keys, sources }
}

/** What the package of a plugin is called. */
export interface PackageTitle {
  readonly name: string
  readonly version: string
}

/** The package of a plugin; `undefined` for a file without one. */
export function pluginPackage(name: string, source: string | undefined): PackageTitle | undefined {
  const folder = source === undefined ? packageFolder(name) : dirname(source)
  const found = folder === undefined ? undefined : packageAround(folder)
  // A local file is in the package of the project that uses it.
  if (found === undefined || (source !== undefined && !isPlugin(found.manifest))) return undefined
  const { name: title, version } = found.manifest
  // Every package that was published has both.
  return typeof title === 'string' && typeof version === 'string'
    ? { name: title, version }
    : undefined
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

/** The plugins that the project depends upon; without those that could not be used like that. */
async function findInstalled(loader: PluginLoader, log: Logger): Promise<Plugin[]> {
  const found = new Map<string, Plugin>()
  for (const kind of kinds) {
    for (const type of loader.types(kind)) {
      const plugin = await tryFind(loader, kind, type, log)
      if (plugin !== undefined) found.set(plugin.name, plugin)
    }
  }
  return [...found.values()]
}

/** `undefined` for a type of a plugin that comes with Gatewright, too. */
async function tryFind(
  loader: PluginLoader,
  kind: ExtensionKind,
  type: string,
  log: Logger,
): Promise<Plugin | undefined> {
  try {
    const plugin = await loader.find(kind, type)
    if (plugin === undefined || loader.originOf?.(plugin) === undefined) return undefined
    await using gateway = new Gateway({ loader, plugins: [plugin] })
    await gateway.understand({})
    return plugin
  } catch (error) {
    const fields = { kind, type, problem: problemOf(error) }
    log.warn(fields, 'an installed plugin cannot be used without a block of its own')
    return undefined
  }
}

/** Every first-party plugin, and what the command adds to them. */
async function findAll(loader: PluginLoader): Promise<Plugin[]> {
  const own = loader.types('section').map(async (type) => loader.find('section', type))
  const found = (await Promise.all(own)).filter((plugin) => plugin !== undefined)
  return [...new Set([...(await loadAll()), ...found])]
}
