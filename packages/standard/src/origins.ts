/**
 * Where the plugins came from that a loader has imported.
 *
 * @module
 */
import { dirname } from 'node:path'
import type { Plugin, PluginOrigin } from '@gatewright/kernel'
import { declarationOf, type Package, packageAround, providedBy } from './manifest.ts'

/** Where one plugin came from. */
interface Origin {
  /** `gatewright-plugin-geo@1.2.0`, or the source of a local file. */
  readonly title: string
  readonly file: string
  /** `undefined` for a local file. */
  readonly package: Package | undefined
}

/** Where plugins came from, by plugin, and whose a file is. */
export class Origins {
  readonly #origins = new Map<Plugin, Origin>()

  add(plugin: Plugin, origin: Origin): void {
    this.#origins.set(plugin, origin)
  }

  /** Another object for a plugin that is known. */
  addTwin(twin: Plugin, plugin: Plugin): void {
    const origin = this.#origins.get(plugin)
    if (origin !== undefined) this.#origins.set(twin, origin)
  }

  of(plugin: Plugin): PluginOrigin | undefined {
    const origin = this.#origins.get(plugin)
    if (origin === undefined) return undefined
    const { title, file, package: found } = origin
    const provides = found === undefined ? undefined : providedBy(found.manifest)
    const apiVersion =
      found === undefined ? undefined : declarationOf(found.manifest)?.['apiVersion']
    return {
      title,
      file,
      ...(provides !== undefined && { provides }),
      ...(typeof apiVersion === 'number' && { apiVersion }),
    }
  }

  /**
   * Name of the plugin whose code stands in a file: in the package of one, or, for a local file,
   * beside it or below.
   */
  ownerOf(file: string): string | undefined {
    const root = packageAround(dirname(file))
    const name = String(root?.manifest['name'])
    if (name.startsWith('@gatewright/plugin-')) return name
    for (const [plugin, origin] of this.#origins) {
      if (origin.package !== undefined) {
        if (origin.package.root === root?.root) return plugin.name
      } else if (origin.file === file || isBeside(file, origin.file, root?.root)) return plugin.name
    }
    return undefined
  }
}

/** In the same folder or below it, and of the same package. */
function isBeside(file: string, main: string, root: string | undefined): boolean {
  const folder = dirname(main)
  return file.startsWith(`${folder}/`) && packageAround(folder)?.root === root
}
