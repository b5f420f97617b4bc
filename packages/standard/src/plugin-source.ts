/**
 * Finds the file of a plugin that a configuration lists: a path, or a package name.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { errors } from './errors.ts'

/** Where a plugin was found. */
export interface PluginFile {
  readonly file: string
  /** Of its package; `undefined` for a local file without one. */
  readonly version: string | undefined
}

/**
 * The file of `source`: `./hello.ts`, `file:///…`, or a package, looked up from each of `bases` in
 * turn. Throws GW_PLUGIN_NOT_FOUND, which lists every place.
 */
export function findPlugin(source: string, bases: readonly string[]): PluginFile {
  if (source.startsWith('file:')) return existing(fileURLToPath(source), source)
  if (source.startsWith('.') || isAbsolute(source)) {
    return existing(resolve(bases[0] ?? '.', source), source)
  }
  const tried: string[] = []
  for (const name of packageNames(source)) {
    for (const base of bases) {
      const file = tryResolve(name, base)
      if (file !== undefined) return { file, version: versionOf(file, name) }
      tried.push(`${name} from ${base}`)
    }
  }
  throw errors.GW_PLUGIN_NOT_FOUND({ source, tried })
}

function existing(file: string, source: string): PluginFile {
  if (!existsSync(file)) throw errors.GW_PLUGIN_NOT_FOUND({ source, tried: [file] })
  return { file, version: undefined }
}

/** A bare word may be the short name of a first-party or of a third-party package. */
function packageNames(source: string): string[] {
  if (source.includes('/') || source.startsWith('gatewright-')) return [source]
  return [`@gatewright/plugin-${source}`, `gatewright-plugin-${source}`, source]
}

function tryResolve(name: string, base: string): string | undefined {
  try {
    return createRequire(join(base, 'gateway.hcl')).resolve(name)
  } catch {
    // Not installed there, or exported for `import` only.
    return tryImportOnly(name, base)
  }
}

/** A package whose `exports` have no entry for `require`: follows `import` and `default` by hand. */
function tryImportOnly(name: string, base: string): string | undefined {
  for (let folder = base; ; folder = dirname(folder)) {
    const root = join(folder, 'node_modules', name)
    const manifest = readManifest(join(root, 'package.json'))
    if (manifest !== undefined) {
      const entry = entryOf(manifest['exports'])
      return entry === undefined ? undefined : join(root, entry)
    }
    if (dirname(folder) === folder) return undefined
  }
}

function entryOf(exported: unknown): string | undefined {
  if (typeof exported === 'string') return exported
  if (typeof exported !== 'object' || exported === null) return undefined
  for (const condition of ['.', 'node', 'import', 'default']) {
    const entry = condition in exported ? entryOf(Reflect.get(exported, condition)) : undefined
    if (entry !== undefined) return entry
  }
  return undefined
}

function versionOf(file: string, name: string): string | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const manifest = readManifest(join(folder, 'package.json'))
    if (manifest?.['name'] === name) return String(manifest['version'])
    if (dirname(folder) === folder) return undefined
  }
}

function readManifest(file: string): Record<string, unknown> | undefined {
  if (!existsSync(file)) return undefined
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
  // A package.json holds an object.
  return typeof manifest === 'object' ? (manifest as Record<string, unknown>) : undefined
}
