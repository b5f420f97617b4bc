/**
 * The package of a plugin that somebody works on: its manifest, and what it registers.
 *
 * @module
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  definePlugin,
  type Extension,
  Gateway,
  type JsonSchema,
  type Plugin,
  problemOf,
} from '@gatewright/kernel'
import { entryOf, isRecord, type Manifest, readManifest } from '@gatewright/standard/packages'
import { UsageError } from '../usage-error.ts'

/** A package of a plugin on disk. */
export interface PluginPackage {
  readonly folder: string
  readonly manifest: Manifest
  /** What it exports, set up alone; or why that is not possible. */
  readonly plugin: LoadedPlugin | { readonly problem: string }
}

/** A plugin that was set up. */
export interface LoadedPlugin {
  readonly name: string
  readonly file: string
  readonly extensions: readonly Extension[]
  /** Of its own options; `undefined` if it takes none. */
  readonly schema: JsonSchema | undefined
}

/**
 * Reads the package in a folder. Throws UsageError if there is none.
 * @param first What to load if both are there: what was built, as its users do, or its sources, as
 * its author wants it.
 */
export async function readPluginPackage(
  path: string,
  first: 'built' | 'sources' = 'built',
): Promise<PluginPackage> {
  const folder = resolve(path)
  const manifest = readManifest(folder)
  if (manifest === undefined) {
    const isThere = existsSync(join(folder, 'package.json'))
    const problem = isThere ? 'is no object in JSON' : 'is not there'
    throw new UsageError(`${join(folder, 'package.json')} ${problem}`)
  }
  return { folder, manifest, plugin: await loadPlugin(folder, entriesOf(manifest, first)) }
}

function entriesOf(manifest: Manifest, first: 'built' | 'sources'): string[] {
  const built = entryOf(manifest, '')
  const sources = ['src/index.ts', 'src/index.js']
  if (built === undefined) return sources
  return first === 'built' ? [built, ...sources] : [...sources, built]
}

async function loadPlugin(
  folder: string,
  entries: readonly string[],
): Promise<PluginPackage['plugin']> {
  const files = entries.map((entry) => join(folder, entry))
  const file = files.find((candidate) => existsSync(candidate))
  if (file === undefined) return { problem: `there is neither ${files.join(' nor ')}` }
  try {
    const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(file).href)
    // `use` says what is wrong with it if it is none.
    const plugin = module['default'] as Plugin
    await using gateway = new Gateway({ plugins: [withoutOptions(plugin)] })
    await gateway.understand({})
    // Any schema of options is one.
    const schema = plugin.schema as JsonSchema | undefined
    return { name: plugin.name, file, extensions: gateway.extensions, schema }
  } catch (error) {
    return { problem: problemOf(error) }
  }
}

/** Options that it requires are no concern of who only asks what it registers. */
function withoutOptions(plugin: Plugin): Plugin {
  if (!isRecord(plugin) || plugin.schema === undefined) return plugin
  return definePlugin({ name: plugin.name, setup: (gateway) => plugin.setup(gateway, {}) })
}
