/**
 * One set-up of a plugin: what it registers, under which names.
 *
 * @module
 */
import type { Logger } from 'pino'
import { checkDefinition } from './definition.ts'
import { errors } from './errors.ts'
import type { ExtensionKind, Registry } from './plugin.ts'
import type { PluginRegistry } from './registry.ts'

/** What a plugin registered. */
export interface Registration {
  /** `undefined` for registries that plugins add. */
  readonly kind: ExtensionKind | undefined
  /** The name that the plugin gave. */
  readonly own: string
  /** The name in this gateway. */
  readonly type: string
}

/** One set-up of a plugin, for what it registers and taps. */
export class SetUp {
  /** Name of the plugin. */
  readonly plugin: string
  /** Other names for its types. */
  readonly alias: Readonly<Record<string, string>>
  readonly registered: Registration[] = []
  /** True once it has failed: what it did counts for nothing. */
  failed = false
  /** True once it is too late to register. */
  over = false

  constructor(plugin: string, alias: Readonly<Record<string, string>> = {}) {
    this.plugin = plugin
    this.alias = alias
  }

  /** Names that the plugin gave. */
  types(): string[] {
    return this.registered.map(({ own }) => own)
  }
}

/** A registry as one plugin sees it during its set-up. */
export class OwnRegistry<F extends { readonly type: string }> implements Registry<F> {
  readonly #registry: PluginRegistry<F>
  readonly #setUp: SetUp
  readonly #kind: ExtensionKind | undefined

  constructor(registry: PluginRegistry<F>, setUp: SetUp, kind?: ExtensionKind) {
    this.#registry = registry
    this.#setUp = setUp
    this.#kind = kind
  }

  register(factory: F): void {
    const { alias, over, registered } = this.#setUp
    checkDefinition(this.#registry.noun, this.#setUp.plugin, factory)
    const { type: own } = factory
    if (over) throw errors.GW_REGISTRY_CLOSED({ noun: this.#registry.noun, type: own })
    const type = Object.hasOwn(alias, own) ? String(alias[own]) : own
    this.#registry.register(type === own ? factory : renamed(factory, type))
    registered.push({ kind: this.#kind, own, type })
  }

  get(type: string): F {
    return this.#registry.get(type)
  }

  find(type: string): F | undefined {
    return this.#registry.find(type)
  }

  types(): string[] {
    return this.#registry.types()
  }
}

/** Codes that were warned of: per process, since so long lives what is deprecated. */
const deprecated = new Set<string>()

/** Warns once per process and code. */
export function warnOfDeprecation(log: Logger, code: string, message: string): void {
  if (deprecated.has(code)) return
  deprecated.add(code)
  log.warn({ code }, message)
}

/** The same factory under another name. Its methods see the original as `this`. */
function renamed<F extends { readonly type: string }>(factory: F, type: string): F {
  const copy: Record<string, unknown> = { type }
  for (const key of keysOf(factory)) {
    if (key === 'type') continue
    const value: unknown = Reflect.get(factory, key)
    copy[key] = typeof value === 'function' ? value.bind(factory) : value
  }
  // Has everything that the original has.
  return copy as F
}

/** Those of a class as well. */
function keysOf(factory: object): Set<string> {
  const keys = new Set<string>()
  for (let level: object | null = factory; ; level = Object.getPrototypeOf(level)) {
    if (level === null || level === Object.prototype) return keys
    for (const key of Object.getOwnPropertyNames(level)) if (key !== 'constructor') keys.add(key)
  }
}
