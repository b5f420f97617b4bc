/**
 * Named factories of one kind, with the plugin of each.
 *
 * @module
 */
import { errors } from './errors.ts'
import { nearest } from './nearest.ts'
import type { Registry } from './plugin.ts'

interface Registered {
  readonly plugin: string
  /** `strategy "peak-ewma" of plugin "gatewright-plugin-peak-ewma"`. */
  readonly title: string
}

/** By factory, whichever registry it is in. */
const registered = new WeakMap<object, Registered>()

/** By the schema of an option: whose it is, for messages. */
const ownerByOption = new WeakMap<object, string>()

/** Whose option it is that has this schema: `strategy "spread" of plugin "…"`. */
export function ownerOfOption(schema: object): string | undefined {
  return ownerByOption.get(schema)
}

/** Name of the plugin that registered a factory. */
export function ownerOfFactory(factory: object): string | undefined {
  return registered.get(factory)?.plugin
}

/**
 * What a factory is called in messages: `strategy "spread" of plugin "gatewright-plugin-spread"`.
 * @param noun For one that nobody registered.
 */
export function titleOfFactory(factory: { readonly type: string }, noun: string = 'type'): string {
  return registered.get(factory)?.title ?? `${noun} "${factory.type}"`
}

/** Throws for a factory that cannot be registered. */
interface FactoryCheck<F> {
  check(factory: F, plugin: string): void
}

/** Named factories of one kind, each with the plugin that registered it. */
export class PluginRegistry<F extends { readonly type: string }> implements Registry<F> {
  /** What its factories are, for messages. */
  readonly noun: string
  readonly #entries = new Map<string, { readonly factory: F; readonly plugin: string }>()
  /** The plugin that is being set up; `undefined` closes the registry. */
  readonly #currentPlugin: () => string | undefined
  readonly #ownKeys: readonly string[]
  readonly #check: FactoryCheck<F> | undefined

  /**
   * @param ownKeys Options that the kernel has in the blocks of these factories.
   * @param check Such as the key of the registry.
   */
  constructor(
    noun: string,
    currentPlugin: () => string | undefined,
    ownKeys: readonly string[] = [],
    check?: FactoryCheck<F>,
  ) {
    this.noun = noun
    this.#currentPlugin = currentPlugin
    this.#ownKeys = ownKeys
    this.#check = check
  }

  register(factory: F): void {
    const { type } = factory
    const plugin = this.#currentPlugin()
    if (plugin === undefined) throw errors.GW_REGISTRY_CLOSED({ noun: this.noun, type })
    this.#check?.check(factory, plugin)
    const existing = this.#entries.get(type)
    if (existing !== undefined) {
      throw duplicate(this.noun, type, existing.plugin, plugin)
    }
    const title = `${this.noun} "${type}" of plugin "${plugin}"`
    // Every kind of factory that takes options describes them like this.
    const { schema } = factory as F & {
      readonly schema?: { readonly properties?: Readonly<Record<string, object>> }
    }
    for (const key of this.#ownKeys) {
      if (!Object.hasOwn(schema?.properties ?? {}, key)) continue
      const problem = `has the option "${key}", which belongs to the kernel`
      throw errors.GW_PLUGIN_SCHEMA_INVALID({ owner: title, problem })
    }
    this.#entries.set(type, { factory, plugin })
    registered.set(factory, { plugin, title })
    for (const option of Object.values(schema?.properties ?? {})) ownerByOption.set(option, title)
  }

  get(type: string): F {
    const factory = this.find(type)
    if (factory !== undefined) return factory
    const known = this.types()
    const candidate = nearest(type, known)
    throw errors.GW_UNKNOWN_TYPE({
      noun: this.noun,
      type,
      known,
      ...(candidate !== undefined && { nearest: candidate }),
    })
  }

  find(type: string): F | undefined {
    return this.#entries.get(type)?.factory
  }

  types(): string[] {
    return [...this.#entries.keys()].toSorted()
  }

  /** Everything registered, in that order. */
  all(): F[] {
    return [...this.#entries.values()].map(({ factory }) => factory)
  }

  /** Everything registered, each with its plugin. */
  entries(): { readonly factory: F; readonly plugin: string }[] {
    return [...this.#entries.values()]
  }

  /** Which plugin brought a type. */
  ownerOf(type: string): string | undefined {
    return this.#entries.get(type)?.plugin
  }

  /** Takes back what a plugin registered whose set-up failed. */
  removeOwnedBy(plugin: string): void {
    for (const [type, entry] of this.#entries) {
      if (entry.plugin === plugin) this.#entries.delete(type)
    }
  }
}

function duplicate(noun: string, type: string, first: string, second: string): Error {
  const owners = { noun, type, first, second }
  if (first !== second) return errors.GW_DUPLICATE_TYPE(owners)
  const hint = `give one of them another "type", or leave out the second call of register`
  return errors.GW_DUPLICATE_TYPE(owners, { hint })
}
