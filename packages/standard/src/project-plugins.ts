/**
 * The plugins among the direct dependencies of a project. Their types need no `plugins` block.
 *
 * @module
 */
import type { ProvidedTypes } from '@gatewright/kernel'
import { isPlugin, type Package, packageAround, providedBy, textsIn } from './manifest.ts'
import { findPackage, type PluginFile } from './plugin-source.ts'

/** A package of the project that says that it is a plugin. */
export interface ProjectPlugin {
  readonly name: string
  readonly file: PluginFile
  readonly provides: ProvidedTypes
}

/** The plugins that the projects around some folders depend upon, found by what they have. */
export class ProjectPlugins {
  readonly #bases: readonly string[]
  #found: readonly ProjectPlugin[] | undefined = undefined

  constructor(bases: readonly string[]) {
    this.#bases = bases
  }

  /** Something may have been installed since. */
  forget(): void {
    this.#found = undefined
  }

  all(): readonly ProjectPlugin[] {
    this.#found ??= this.#search()
    return this.#found
  }

  #search(): readonly ProjectPlugin[] {
    const found = new Map<string, ProjectPlugin>()
    const projects = new Map<string, Package>()
    for (const base of this.#bases) {
      const project = packageAround(base, false)
      if (project !== undefined) projects.set(project.root, project)
    }
    for (const { root, manifest } of projects.values()) {
      const fields = ['dependencies', 'optionalDependencies', 'devDependencies']
      for (const name of fields.flatMap((field) => Object.keys(textsIn(manifest, field)))) {
        const plugin = found.has(name) ? undefined : tryPlugin(name, root)
        if (plugin !== undefined) found.set(name, plugin)
      }
    }
    return [...found.values()]
  }
}

function tryPlugin(name: string, root: string): ProjectPlugin | undefined {
  try {
    const file = findPackage(name, root)
    const { manifest } = file?.package ?? {}
    if (file === undefined || manifest === undefined) return undefined
    const provides = isPlugin(manifest) ? providedBy(manifest) : undefined
    return provides === undefined ? undefined : { name, file, provides }
  } catch {
    // A package without an entry, such as one of types only, is no plugin.
    return undefined
  }
}
