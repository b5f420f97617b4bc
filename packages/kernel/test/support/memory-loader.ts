import type { GatewayConfigInput } from '../../src/config.ts'
import type { ExtensionKind, ListedPlugin, Plugin, PluginLoader } from '../../src/plugin.ts'

/** A loader whose packages are objects. */
export class MemoryLoader implements PluginLoader {
  readonly keys = ['plugins']
  /** Packages by source, for `plugins` blocks. */
  readonly sources: Record<string, Plugin>
  /** Packages by kind and type: `middleware stamp`. */
  readonly #byType: Readonly<Record<string, Plugin>>

  constructor(
    byType: Readonly<Record<string, Plugin>> = {},
    sources: Readonly<Record<string, Plugin>> = {},
  ) {
    this.#byType = byType
    this.sources = { ...sources }
  }

  listed({ plugins }: GatewayConfigInput): readonly ListedPlugin[] {
    // Tests write blocks of this form.
    const blocks = (plugins ?? {}) as Record<string, { source: string; config?: unknown }>
    return Object.entries(blocks).flatMap(([label, { source, config }]) => {
      const plugin = this.sources[source]
      const path = ['plugins', label, 'config']
      return plugin === undefined ? [] : [{ plugin, options: config, path, source }]
    })
  }

  find(kind: ExtensionKind, type: string): Plugin | undefined {
    return this.#byType[`${kind} ${type}`]
  }

  companions(kind: ExtensionKind, type: string): Plugin[] {
    const plugin = this.#byType[`companion of ${kind} ${type}`]
    return plugin === undefined ? [] : [plugin]
  }

  types(kind: ExtensionKind): string[] {
    return Object.keys(this.#byType)
      .filter((key) => key.startsWith(`${kind} `))
      .map((key) => key.slice(kind.length + 1))
  }
}
