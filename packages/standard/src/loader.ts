import { dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  type ConfigPath,
  type ExtensionKind,
  type GatewayConfigInput,
  isGatewayError,
  type ListedPlugin,
  nearest,
  type Plugin,
  type PluginLoader,
  problemOf,
  type Report,
} from '@gatewright/kernel'
import semver from 'semver'
import { errors } from './errors.ts'
import { companions, firstParty } from './first-party.ts'
import { findPlugin } from './plugin-source.ts'

/** Where a loader looks. */
export interface LoaderOptions {
  /** Folder of the configuration file: paths are relative to it, packages are found from it. */
  readonly baseDir: string
  /** Folder of the project, searched next. */
  readonly projectDir?: string
}

const blockKeys = ['source', 'version', 'config']

/** A `plugins` block. */
interface PluginBlock {
  /** Package name or path; default: the label. */
  readonly source?: string
  /** Range that the package's version must satisfy. */
  readonly version?: string
  /** Options of the plugin. */
  readonly config?: unknown
}

/**
 * A loader for first-party plugins, by type, and for those of `plugins "name" { … }` blocks.
 *
 * @example
 * ```ts
 * const gateway = new Gateway({ loader: createLoader({ baseDir: process.cwd() }) })
 * ```
 */
export function createLoader(options: LoaderOptions): PluginLoader {
  return new StandardLoader(options)
}

class StandardLoader implements PluginLoader {
  readonly keys = ['plugins']
  /** Folders to look in, the nearest first. */
  readonly #bases: readonly string[]

  constructor({ baseDir, projectDir }: LoaderOptions) {
    const own = dirname(fileURLToPath(import.meta.url))
    this.#bases = [...new Set([baseDir, projectDir ?? baseDir, own])]
  }

  async listed(config: GatewayConfigInput, report: Report): Promise<readonly ListedPlugin[]> {
    const found: ListedPlugin[] = []
    for (const [label, block] of Object.entries(blocksOf(config['plugins'], report))) {
      const path = ['plugins', label]
      const plugin = await this.#load(label, block, path, report)
      if (plugin !== undefined) found.push(plugin)
    }
    return found
  }

  async find(kind: ExtensionKind, type: string): Promise<Plugin | undefined> {
    const types = firstParty[kind]
    if (types === undefined || !Object.hasOwn(types, type)) return undefined
    return (await types[type]?.())?.default
  }

  async companions(kind: ExtensionKind, type: string): Promise<readonly Plugin[]> {
    const types = companions[kind]
    if (types === undefined || !Object.hasOwn(types, type)) return []
    const modules = await Promise.all((types[type] ?? []).map((load) => load()))
    return modules.map((module) => module.default)
  }

  types(kind: ExtensionKind): readonly string[] {
    return Object.keys(firstParty[kind] ?? {})
  }

  async #load(
    label: string,
    block: unknown,
    path: ConfigPath,
    report: Report,
  ): Promise<ListedPlugin | undefined> {
    const checked = checkBlock(block, path, report)
    if (checked === undefined) return undefined
    const { source = label, version, config } = checked
    try {
      const { file, version: found } = findPlugin(source, this.#bases)
      if (version !== undefined && found !== undefined && !semver.satisfies(found, version)) {
        throw errors.GW_PLUGIN_VERSION({ source, wanted: version, found })
      }
      const plugin = await importPlugin(source, file)
      return { plugin, options: config, path: [...path, 'config'], source: file }
    } catch (error) {
      if (!isGatewayError(error)) throw error
      const { code, message, kind } = error
      report({ path, code, message, ...(kind.hint !== undefined && { hint: kind.hint }) })
      return undefined
    }
  }
}

function blocksOf(value: unknown, report: Report): Record<string, unknown> {
  if (value === undefined) return {}
  if (isRecord(value)) return value
  const message = 'a "plugins" block needs a label'
  report({ path: ['plugins'], code: 'GW_CONFIG_LABEL', message })
  return {}
}

function checkBlock(block: unknown, path: ConfigPath, report: Report): PluginBlock | undefined {
  if (!isRecord(block)) {
    report({ path, code: 'GW_CONFIG_TYPE', message: 'expected a block' })
    return undefined
  }
  let sound = true
  for (const [key, value] of Object.entries(block)) {
    const where = [...path, key]
    const suggestion = nearest(key, blockKeys)
    if (!blockKeys.includes(key)) {
      sound = false
      report({
        path: where,
        code: 'GW_CONFIG_UNKNOWN_KEY',
        message:
          suggestion === undefined
            ? `unknown key "${key}"; options of the plugin stand in "config"`
            : `unknown key "${key}"; did you mean "${suggestion}"?`,
        ...(suggestion !== undefined && { suggestion }),
      })
    } else if (key !== 'config' && typeof value !== 'string') {
      sound = false
      report({ path: where, code: 'GW_CONFIG_TYPE', message: `"${key}" must be a string` })
    }
  }
  return sound ? block : undefined
}

/** Each file once per process; Node keeps the module. */
async function importPlugin(source: string, file: string): Promise<Plugin> {
  let module: Record<string, unknown>
  try {
    module = await import(pathToFileURL(file).href)
  } catch (error) {
    const params = { source, problem: problemOf(error) }
    throw errors.GW_PLUGIN_IMPORT_FAILED(params, { cause: error })
  }
  const exported = module['default']
  // CommonJS packages that were compiled from ES modules have a default in their default.
  const inner: unknown =
    isRecord(exported) && 'default' in exported ? exported['default'] : exported
  if (isPlugin(inner)) return inner
  throw errors.GW_PLUGIN_NO_DEFAULT_EXPORT({ source, found: Object.keys(module) })
}

function isPlugin(value: unknown): value is Plugin {
  return (
    isRecord(value) && typeof value['name'] === 'string' && typeof value['setup'] === 'function'
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
