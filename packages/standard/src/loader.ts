import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type AbsentPlugin,
  type ConfigPath,
  type ConfigProblem,
  type ExtensionKind,
  type GatewayConfigInput,
  type GatewayError,
  isGatewayError,
  errors as kernelErrors,
  type ListedPlugin,
  type Plugin,
  type PluginLoader,
  type PluginOrigin,
  type ProvidedTypes,
  type Report,
} from '@gatewright/kernel'
import semver from 'semver'
import { incompatibilities, isSameMajor, secondKernel } from './compatibility.ts'
import { errors } from './errors.ts'
import { companions, firstParty, firstPartyNamed } from './first-party.ts'
import { type Package, providedBy, titleOf } from './manifest.ts'
import { Origins } from './origins.ts'
import { blocksOf, type PluginBlock, readBlock } from './plugin-block.ts'
import { importPlugin } from './plugin-import.ts'
import { findPackage, findPlugin, installedPlugin, type PluginFile } from './plugin-source.ts'
import { type ProjectPlugin, ProjectPlugins } from './project-plugins.ts'

/** Where a loader looks. */
export interface LoaderOptions {
  /** Folder of the configuration file: paths are relative to it, packages are found from it. */
  readonly baseDir: string
  /** Folder of the project, searched next. */
  readonly projectDir?: string
}

/** A plugin that was imported, and what speaks against it. */
interface Loaded {
  readonly plugin: Plugin
  readonly warnings: readonly GatewayError[]
}

/** How to load. */
type How = Pick<PluginBlock, 'ignoresCompat' | 'timeoutMs' | 'version'>

/**
 * A loader for first-party plugins, by type, for those of `plugins "name" { … }` blocks, and for
 * those that the project depends upon, by type.
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
  readonly #project: ProjectPlugins
  readonly #origins = new Origins()
  /** Packages with a block of their own, be they switched off: nobody else looks for their types. */
  readonly #blocks = new Set<string>()
  /** Those that are switched off, with the labels of their blocks. */
  readonly #off = new Map<string, string>()

  constructor({ baseDir, projectDir }: LoaderOptions) {
    const own = dirname(fileURLToPath(import.meta.url))
    this.#bases = [...new Set([baseDir, projectDir ?? baseDir, own])]
    this.#project = new ProjectPlugins(this.#bases.slice(0, -1))
  }

  async listed(
    config: GatewayConfigInput,
    report: Report,
  ): Promise<readonly (ListedPlugin | AbsentPlugin)[]> {
    this.#project.forget()
    this.#blocks.clear()
    this.#off.clear()
    const found: (ListedPlugin | AbsentPlugin)[] = []
    for (const [label, written] of Object.entries(blocksOf(config['plugins'], report))) {
      const path = ['plugins', label]
      const block = readBlock(written, path, report)
      if (block === undefined) continue
      this.#mark(label, block)
      const entry = block.enabled ? await this.#list(label, block, path) : undefined
      if (entry === undefined) continue
      const reported = 'problem' in entry && !block.optional
      if (reported) report(entry.problem)
      found.push(reported ? { ...entry, reported } : entry)
    }
    return found
  }

  async find(kind: ExtensionKind, type: string): Promise<Plugin | undefined> {
    const types = firstParty[kind]
    if (types !== undefined && Object.hasOwn(types, type)) return (await types[type]?.())?.default
    const [plugin, other] = this.#project
      .all()
      .filter((one) => one.provides[kind]?.includes(type) && this.#isFree(one))
    if (plugin === undefined) return this.#mustBeOn(kind, type)
    if (other !== undefined) {
      const owners = { first: plugin.name, second: other.name }
      const hint = `rename that of one of them: plugins "${other.name}" { alias = { "${type}" = "other-${type}" } }`
      throw kernelErrors.GW_DUPLICATE_TYPE({ noun: kind, type, ...owners }, { hint })
    }
    return (await this.#import(plugin.name, plugin.file, { ignoresCompat: false })).plugin
  }

  async companions(kind: ExtensionKind, type: string): Promise<readonly Plugin[]> {
    const types = companions[kind]
    if (types === undefined || !Object.hasOwn(types, type)) return []
    const modules = await Promise.all((types[type] ?? []).map((load) => load()))
    return modules.map((module) => module.default)
  }

  types(kind: ExtensionKind): readonly string[] {
    const free = this.#project.all().filter((one) => this.#isFree(one))
    return [
      ...Object.keys(firstParty[kind] ?? {}),
      ...free.flatMap(({ provides }) => provides[kind] ?? []),
    ]
  }

  hintFor(kind: ExtensionKind, type: string): string | undefined {
    const found = installedPlugin(this.#bases.slice(0, -1), kind, type)
    if (found === undefined || this.#blocks.has(found.root)) return undefined
    const { name, root } = found
    return `plugin "${name}" is installed in ${root}; add: plugins "${type}" { source = "${name}" }`
  }

  async named(name: string): Promise<Plugin | undefined> {
    const own = await firstPartyNamed(name)
    if (own !== undefined) return own
    for (const base of this.#bases) {
      const file = findPackage(name, base)
      if (file === undefined) continue
      return (await this.#import(name, file, { ignoresCompat: false })).plugin
    }
    return undefined
  }

  originOf(plugin: Plugin): PluginOrigin | undefined {
    return this.#origins.of(plugin)
  }

  ownerOf(file: string): string | undefined {
    return this.#origins.ownerOf(file)
  }

  async #list(
    label: string,
    block: PluginBlock,
    path: ConfigPath,
  ): Promise<ListedPlugin | AbsentPlugin> {
    const { source = label, version, alias, optional, ignoresCompat, timeoutMs } = block
    let file: PluginFile | undefined
    try {
      file = findPlugin(source, this.#bases, version)
      const { plugin: loaded, warnings } = await this.#import(source, file, block)
      const plugin = block.rename ? this.#renamed(loaded, label) : loaded
      const common = { source: file.file, label, optional, ignoresCompat, alias }
      return {
        ...common,
        plugin,
        options: block.config,
        path: [...path, 'config'],
        ...(timeoutMs !== undefined && { timeoutMs }),
        warnings: warnings.map((error) => problemOf(error, path)),
      }
    } catch (error) {
      if (!isGatewayError(error)) throw error
      const provides = providesOf(file?.package)
      return { label, problem: problemOf(error, path), ...(provides !== undefined && { provides }) }
    }
  }

  /** Throws GW_UNKNOWN_TYPE for a type of a package that is switched off. */
  #mustBeOn(kind: ExtensionKind, type: string): undefined {
    for (const { file, provides } of this.#project.all()) {
      const off = this.#off.get(file.package?.root ?? '')
      if (off === undefined || provides[kind]?.includes(type) !== true) continue
      const hint = `remove enabled = false from plugins "${off}"`
      throw kernelErrors.GW_UNKNOWN_TYPE({ noun: kind, type, known: [], off }, { hint })
    }
    return undefined
  }

  #mark(label: string, { source = label, version, enabled }: PluginBlock): void {
    try {
      const root = findPlugin(source, this.#bases, version).package?.root
      if (root === undefined) return
      this.#blocks.add(root)
      if (!enabled) this.#off.set(root, label)
    } catch {
      // What is not there is nobody's.
    }
  }

  #isFree({ file }: ProjectPlugin): boolean {
    return file.package === undefined || !this.#blocks.has(file.package.root)
  }

  async #import(source: string, found: PluginFile, how: How): Promise<Loaded> {
    const { file } = found
    if (found.package !== undefined) checkVersion(source, found.package, how.version)
    const against = found.package === undefined ? [] : incompatibilities(found.package)
    const [first] = against
    if (first !== undefined && !how.ignoresCompat) throw first
    const root = found.package?.root ?? dirname(file)
    const plugin = await importPlugin(source, file, root, how.timeoutMs)
    const title = found.package === undefined ? source : titleOf(found.package)
    this.#origins.add(plugin, { title, file, package: found.package })
    const kernel = secondKernel(file, title)
    if (kernel !== undefined && !isSameMajor(file) && !how.ignoresCompat) throw kernel
    return { plugin, warnings: kernel === undefined ? against : [...against, kernel] }
  }

  /** The same plugin under the label of its block. */
  #renamed(plugin: Plugin, name: string): Plugin {
    const renamed: Plugin = Object.create(plugin, { name: { value: name, enumerable: true } })
    this.#origins.addTwin(renamed, plugin)
    return renamed
  }
}

function checkVersion(source: string, { root, manifest }: Package, wanted?: string): void {
  const found = String(manifest['version'])
  if (wanted === undefined || semver.satisfies(found, wanted, { includePrerelease: true })) return
  throw errors.GW_PLUGIN_VERSION({ source, wanted, found, root })
}

function providesOf(found: Package | undefined): ProvidedTypes | undefined {
  return found === undefined ? undefined : providedBy(found.manifest)
}

function problemOf({ code, message, hint }: GatewayError, path: ConfigPath): ConfigProblem {
  return { path, code, message, ...(hint !== undefined && { hint }) }
}
