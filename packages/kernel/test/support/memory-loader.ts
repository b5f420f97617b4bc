import type { GatewayConfigInput } from '../../src/config.ts'
import type {
  AbsentPlugin,
  ExtensionKind,
  ListedPlugin,
  Plugin,
  PluginLoader,
  PluginOrigin,
  ProvidedTypes,
} from '../../src/plugin.ts'

/** A `plugins` block of a test. */
interface MemoryBlock extends Pick<ListedPlugin, 'optional' | 'alias' | 'ignoresCompat'> {
  readonly source: string
  readonly config?: unknown
  /** What a plugin has that is nowhere. */
  readonly provides?: ProvidedTypes
}

/** A loader whose packages are objects. */
export class MemoryLoader implements PluginLoader {
  readonly keys = ['plugins']
  /** Packages by source, for `plugins` blocks. */
  readonly sources: Record<string, Plugin>
  readonly origins = new Map<Plugin, PluginOrigin>()
  /** Packages by kind and type: `middleware stamp`. */
  readonly #byType: Readonly<Record<string, Plugin>>

  constructor(
    byType: Readonly<Record<string, Plugin>> = {},
    sources: Readonly<Record<string, Plugin>> = {},
  ) {
    this.#byType = byType
    this.sources = { ...sources }
  }

  listed({ plugins }: GatewayConfigInput): readonly (ListedPlugin | AbsentPlugin)[] {
    // Tests write blocks of this form.
    const blocks = (plugins ?? {}) as Record<string, MemoryBlock>
    type Found = readonly (ListedPlugin | AbsentPlugin)[]
    return Object.entries(blocks).flatMap(([label, block]): Found => {
      const { source, config, provides, ...rest } = block
      const plugin = this.sources[source]
      const path = ['plugins', label, 'config']
      if (plugin !== undefined) return [{ plugin, options: config, path, source, label, ...rest }]
      const problem = { path: ['plugins', label], code: 'GW_NOWHERE', message: 'it is nowhere' }
      if (rest.optional !== true) return []
      return [{ label, problem, ...(provides !== undefined && { provides }) }]
    })
  }

  named(name: string): Plugin | undefined {
    return Object.values(this.#byType).find((plugin) => plugin.name === name)
  }

  originOf(plugin: Plugin): PluginOrigin | undefined {
    return this.origins.get(plugin)
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
