/**
 * Finds the file of a plugin that a configuration lists: a path, or a package name.
 *
 * @module
 */
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ExtensionKind, nearest } from '@gatewright/kernel'
import { errors } from './errors.ts'
import {
  isRecord,
  type Manifest,
  type Package,
  packageAround,
  providedBy,
  readManifest,
  titleOf,
} from './manifest.ts'
import { installationHint, installCommand } from './package-manager.ts'

/** Where a plugin was found. */
export interface PluginFile {
  readonly file: string
  /** The package that it is; `undefined` for a local file. */
  readonly package: Package | undefined
}

/**
 * The file of `source`: `./hello.ts`, `file:///…`, or a package, looked up from each of `bases` in
 * turn. Throws GW_PLUGIN_NOT_FOUND, which lists every place, and GW_PLUGIN_NO_ENTRY.
 * @param range Which version is to be installed, for the command to type.
 */
export function findPlugin(source: string, bases: readonly string[], range?: string): PluginFile {
  const [home = '.'] = bases
  if (source.startsWith('file:')) return localFile(fileURLToPath(source), source)
  if (source.startsWith('.') || isAbsolute(source)) return localFile(resolve(home, source), source)
  const names = packageNames(source)
  for (const name of names) {
    for (const base of bases) {
      const found = findPackage(name, base)
      if (found !== undefined) return found
    }
  }
  throw notInstalled(source, names, bases, range)
}

/** A package as it is found from a folder. Throws GW_PLUGIN_NO_ENTRY. */
export function findPackage(name: string, base: string): PluginFile | undefined {
  const [, bare = name, subpath = ''] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(name) ?? []
  for (let folder = base; ; folder = dirname(folder)) {
    const root = join(folder, 'node_modules', bare)
    const manifest = readManifest(root)
    // Packages of pnpm, and those of workspaces, are links: what they import is found from behind them.
    if (manifest !== undefined) return fileOf({ root: realpathSync(root), manifest }, subpath)
    if (dirname(folder) === folder) return tryResolve(name, base)
  }
}

/** A bare word may be the short name of a first-party or of a third-party package. */
function packageNames(source: string): string[] {
  if (source.includes('/') || source.startsWith('gatewright-')) return [source]
  return [`@gatewright/plugin-${source}`, `gatewright-plugin-${source}`, source]
}

function localFile(path: string, source: string): PluginFile {
  if (!existsSync(path)) throw missingFile(path, source)
  const file = realpathSync(path)
  if (!statSync(file).isDirectory()) return { file, package: undefined }
  const manifest = readManifest(file)
  if (manifest !== undefined) return fileOf({ root: file, manifest }, '')
  const entry = `it is a folder without a package.json`
  throw errors.GW_PLUGIN_NO_ENTRY(
    { title: source, root: file, entry },
    { hint: 'name the file that has the plugin' },
  )
}

function missingFile(path: string, source: string): Error {
  const folder = dirname(path)
  const there = existsSync(folder) ? readdirSync(folder) : []
  const twin = there.find((name) => name.slice(0, -extname(name).length) === baseOf(path))
  const meant = twin ?? nearest(path.slice(folder.length + 1), there)
  const hint =
    meant === undefined
      ? 'a path begins at the folder of the configuration file'
      : `there is ${JSON.stringify(source.slice(0, source.lastIndexOf('/') + 1) + meant)}`
  return errors.GW_PLUGIN_NOT_FOUND({ source, tried: [path] }, { hint })
}

function baseOf(path: string): string {
  const name = path.slice(dirname(path).length + 1)
  return extname(name) === '' ? name : name.slice(0, -extname(name).length)
}

/** How Node would find it by other ways than folders, such as those of Plug'n'Play. */
function tryResolve(name: string, base: string): PluginFile | undefined {
  try {
    const file = createRequire(join(base, 'gateway.hcl')).resolve(name)
    // Built-in modules have no path.
    return isAbsolute(file) ? { file, package: packageAround(dirname(file)) } : undefined
  } catch {
    // Not installed there.
    return undefined
  }
}

function fileOf(found: Package, subpath: string): PluginFile {
  const { root, manifest } = found
  const title = titleOf(found)
  const entry = entryOf(manifest, subpath)
  if (entry === undefined) {
    const problem = `its "exports" have nothing for "import" at ".${subpath}"`
    throw errors.GW_PLUGIN_NO_ENTRY({ title, root, entry: problem })
  }
  const file = existingEntry(join(root, entry))
  if (file !== undefined) return { file: realpathSync(file), package: found }
  throw errors.GW_PLUGIN_NO_ENTRY({ title, root, entry: `it has no file ${entry}` })
}

/**
 * The file that an `import` of a package gets, relative to its folder; it need not be there.
 * @param subpath What comes after the name, such as `/filters`.
 */
export function entryOf(manifest: Manifest, subpath: string): string | undefined {
  const { exports, main } = manifest
  if (exports === undefined) {
    if (subpath !== '') return `.${subpath}`
    return typeof main === 'string' && main !== '' ? main : 'index.js'
  }
  const isMap = isRecord(exports) && Object.keys(exports).some((key) => key.startsWith('.'))
  if (!isMap) return subpath === '' ? targetOf(exports) : undefined
  return targetOf(exports[`.${subpath}`])
}

/** Follows the conditions under which Node imports (https://nodejs.org/api/packages.html). */
function targetOf(exported: unknown): string | undefined {
  if (typeof exported === 'string') return exported
  if (Array.isArray(exported)) return exported.map(targetOf).find((file) => file !== undefined)
  if (!isRecord(exported)) return undefined
  for (const [condition, target] of Object.entries(exported)) {
    if (!conditions.has(condition)) continue
    const file = targetOf(target)
    if (file !== undefined) return file
  }
  return undefined
}

const conditions = new Set(['node', 'import', 'module-sync', 'node-addons', 'default'])

/** `main` may leave out the ending, or name a folder. */
function existingEntry(path: string): string | undefined {
  const candidates = [path, `${path}.js`, `${path}.cjs`, join(path, 'index.js')]
  return candidates.find((file) => existsSync(file) && statSync(file).isFile())
}

function notInstalled(
  source: string,
  names: readonly string[],
  bases: readonly string[],
  range: string | undefined,
): Error {
  const [home = '.'] = bases
  const folders = [...new Set(bases.flatMap(nodeModulesAbove))]
  const wanted = names.map((name) => `"${name}"`).join(', ')
  const places = bases.map((base) => join(base, 'node_modules')).join(', ')
  const tried = [`${wanted} in ${places} and in those of the folders above`]
  const installed = [...new Set(folders.flatMap(pluginsIn))]
  const meant = nearestName(names, installed)
  const name = names.find((one) => one.includes('gatewright-')) ?? source
  const command = installCommand(range === undefined ? name : `${name}@${range}`, home)
  const hint =
    installationHint(home) ??
    `type: ${command}` + (meant === undefined ? '' : `; installed is "${meant}"`)
  return errors.GW_PLUGIN_NOT_FOUND({ source, tried }, { hint })
}

/** A package in one of the folders above that is called like a type, or says that it has it. */
export function installedPlugin(
  bases: readonly string[],
  kind: ExtensionKind,
  type: string,
): { readonly name: string; readonly root: string } | undefined {
  for (const modules of new Set(bases.flatMap(nodeModulesAbove))) {
    for (const name of pluginsIn(modules)) {
      const root = join(modules, name)
      const manifest = readManifest(root)
      if (manifest === undefined) continue
      const types = providedBy(manifest)
      const has = types === undefined ? short(name) === type : types[kind]?.includes(type) === true
      if (has) return { name, root: realpathSync(root) }
    }
  }
  return undefined
}

/** Those that exist. */
function nodeModulesAbove(base: string): string[] {
  const folders: string[] = []
  for (let folder = base; ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules')
    if (existsSync(modules)) folders.push(modules)
    if (dirname(folder) === folder) return folders
  }
}

/** Names of packages that are called like plugins. */
function pluginsIn(modules: string): string[] {
  return readdirSync(modules).flatMap((name) => {
    if (name.startsWith('gatewright-plugin-')) return [name]
    if (!name.startsWith('@')) return []
    const inside = readdirSync(join(modules, name))
    return inside
      .filter((inner) => /^(?:gatewright-)?plugin-/.test(inner))
      .map((n) => `${name}/${n}`)
  })
}

/** Without what makes all of them alike. */
function short(name: string): string {
  return name.replace(/^.*plugin-/, '')
}

/** By what comes after the usual beginning, which is long enough to make everything alike. */
function nearestName(names: readonly string[], installed: readonly string[]): string | undefined {
  const close = nearest(short(names.at(-1) ?? ''), installed.map(short))
  return installed.find((name) => short(name) === close)
}
