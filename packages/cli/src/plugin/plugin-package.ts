/**
 * The package of a plugin that somebody works on: its manifest, and what it registers.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Extension, Gateway, type Plugin, problemOf } from '@gatewright/kernel'
import { UsageError } from '../usage-error.ts'

/** A package.json, as it was written: nothing of it can be relied upon. */
export type Manifest = Readonly<Record<string, unknown>>

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
}

/** Reads the package in a folder. Throws UsageError if there is none. */
export async function readPluginPackage(path: string): Promise<PluginPackage> {
  const folder = resolve(path)
  const file = join(folder, 'package.json')
  if (!existsSync(file)) throw new UsageError(`there is no package.json in ${folder}`)
  const manifest = readManifest(file)
  return { folder, manifest, plugin: await loadPlugin(folder, manifest) }
}

function readManifest(file: string): Manifest {
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (isRecord(manifest)) return manifest
    throw new Error('it is not an object')
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${problemOf(error)}`)
  }
}

async function loadPlugin(folder: string, manifest: Manifest): Promise<PluginPackage['plugin']> {
  const candidates = [entryOf(manifest['exports']), 'src/index.ts', 'src/index.js']
  const files = candidates.flatMap((entry) => (entry === undefined ? [] : [join(folder, entry)]))
  const file = files.find((candidate) => existsSync(candidate))
  if (file === undefined) return { problem: `there is neither ${files.join(' nor ')}` }
  try {
    const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(file).href)
    // `use` says what is wrong with it if it is none.
    const plugin = module['default'] as Plugin
    await using gateway = new Gateway({ plugins: [plugin] })
    await gateway.understand({})
    return { name: plugin.name, file, extensions: gateway.extensions }
  } catch (error) {
    return { problem: problemOf(error) }
  }
}

/** The file behind `exports["."]` for ES modules. */
function entryOf(exported: unknown): string | undefined {
  if (typeof exported === 'string') return exported
  if (!isRecord(exported)) return undefined
  for (const condition of ['.', 'node', 'import', 'default']) {
    const entry = entryOf(exported[condition])
    if (entry !== undefined) return entry
  }
  return undefined
}

/** True for an object that is no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
