/**
 * The contract of plugins: what they export, and what they may register.
 *
 * @module
 */
import type { Logger } from 'pino'
import type { Awaitable } from './awaitable.ts'
import type { ConfigPath, ConfigProblem, GatewayConfigInput, Report } from './config.ts'
import type { DialectFactory } from './dialect.ts'
import type { GatewayHooks } from './hooks.ts'
import type { MiddlewareFactory } from './middleware.ts'
import type { EntrypointFeatureFactory, ProtocolFactory } from './protocol.ts'
import type { ProviderFactory } from './provider.ts'
import type { MatcherFactory, RoutingFactory } from './routing.ts'
import type { RunningGateway } from './running-gateway.ts'
import type { AnyOptions, OptionsSchema, ValueSchema } from './schema.ts'
import type { Scope } from './scope.ts'
import type { AnyTransportFactory, BalancerFactory, ServiceFeatureFactory } from './service.ts'
import type { SectionKey } from './snapshot.ts'
import type { UpgradeFactory } from './upgrade.ts'

/** Named factories of one kind. Takes registrations during `setup` only. */
export interface Registry<F extends { readonly type: string }> {
  /** Throws GW_DUPLICATE_TYPE, which names both plugins, or GW_REGISTRY_CLOSED. */
  register(factory: F): void
  /** Throws GW_UNKNOWN_TYPE, which names the nearest type or lists all of them. */
  get(type: string): F
  /** `undefined` if nobody registered the type. */
  find(type: string): F | undefined
  types(): string[]
}

/** Names a registry that a plugin adds, such as the scale executors of the autoscaler. */
export class RegistryKey<F extends { readonly type: string }> {
  /** Singular, for messages: `scale executor`. */
  readonly noun: string
  /** Only carries the type. */
  declare readonly type: F

  readonly #check: ((factory: F, plugin: string) => void) | undefined

  /**
   * @param check Throws for what cannot be registered: a catalogued error that names the plugin, what
   * is wrong, and what to do.
   */
  constructor(noun: string, check?: (factory: F, plugin: string) => void) {
    this.noun = noun
    this.#check = check
  }

  /** Throws what the check throws that the key was made with. */
  check(factory: F, plugin: string): void {
    this.#check?.(factory, plugin)
  }
}

/**
 * A listener that a section has for itself. It is bound, kept, taken back and drained like those of
 * `entrypoints`, after all of which it stops; no router can be on it.
 */
export interface OwnListener {
  /** As the key `address` of the section has it. */
  readonly address: string
  /** Need not be registered; its options need not match its schema. */
  readonly protocol: ProtocolFactory
  readonly options: unknown
}

/** A top-level block of the configuration that a plugin adds, such as `agents "waf" { … }`. */
export interface SectionFactory<O = AnyOptions, T = unknown> {
  /** Name of the block, or of the key if the schema describes a single value. */
  readonly type: string
  /** True if blocks carry a label. */
  readonly labelled: boolean
  readonly schema: OptionsSchema<O> | ValueSchema
  create(options: O, scope: Scope): Awaitable<T>
  /** Sections that cannot stand beside this one, since it says what they would. Not labelled ones. */
  readonly replaces?: readonly string[]
  /** What the section listens on, beside the entrypoints. */
  listeners?(options: O): readonly OwnListener[]
  /**
   * For what only a new process can do: true if the section, as it is in a new configuration, asks
   * for something else than it did at the start. A reload warns then. Not for labelled blocks.
   */
  needsRestart?(atStart: unknown, now: unknown): boolean
}

/**
 * Returns its argument; gives `create` its types, and `gateway.section` the type of what it makes.
 */
export function defineSection<O, T>(factory: SectionFactory<O, T>): SectionFactory<O, T> {
  return factory
}

/** The gateway as a plugin sees it during `setup`. */
export interface PluginGateway {
  readonly hooks: GatewayHooks
  readonly log: Logger
  /** The gateway as it runs, for plugins that tell about it: of use once there is a configuration. */
  readonly running: RunningGateway
  readonly protocols: Registry<ProtocolFactory>
  readonly entrypointFeatures: Registry<EntrypointFeatureFactory>
  readonly upgrades: Registry<UpgradeFactory>
  readonly dialects: Registry<DialectFactory>
  readonly routings: Registry<RoutingFactory>
  readonly matchers: Registry<MatcherFactory>
  readonly middlewares: Registry<MiddlewareFactory>
  readonly balancers: Registry<BalancerFactory>
  readonly serviceFeatures: Registry<ServiceFeatureFactory>
  readonly transports: Registry<AnyTransportFactory>
  readonly providers: Registry<ProviderFactory>
  /** A registry that this or another plugin adds; made on first use. */
  registry<F extends { readonly type: string }>(key: RegistryKey<F>): Registry<F>
  section<O, T>(factory: SectionFactory<O, T>): SectionKey<T>
  /**
   * Warns of something that is used and will not be there for ever, once per process and code.
   * The message says what to use instead.
   */
  deprecate(code: string, message: string): void
}

/** What a plugin package exports by default. */
export interface Plugin<O = AnyOptions> {
  /** The npm package name, or kebab-case for a local file; also the tap name and a log binding. */
  readonly name: string
  /** Version of the plugin contract. Default 1, the only one so far. */
  readonly apiVersion?: number
  /** Options given in `plugins "name" { config { … } }` or to `gateway.use`. */
  readonly schema?: OptionsSchema<O>
  /** One sentence for lists of plugins. */
  readonly description?: string
  /**
   * Names of the plugins without which this one is of no use. They are set up before it; one that is
   * not there is an error that says what to add.
   */
  readonly requires?: readonly string[]
  /** Names of the plugins that must be set up before this one, if they are there at all. */
  readonly after?: readonly string[]
  /** Registers factories and taps hooks. Opens no socket, file or timer. */
  setup(gateway: PluginGateway, options: O): Awaitable<void>
}

/** Returns its argument; gives `setup` its types. */
export function definePlugin<O = undefined>(plugin: Plugin<O>): Plugin<O> {
  return plugin
}

/** A plugin that a configuration lists by itself. */
export interface ListedPlugin {
  readonly plugin: Plugin
  /** Not validated yet. */
  readonly options: unknown
  /** Where the options stand, for problems. */
  readonly path: ConfigPath
  /** What the plugin was loaded from; a change needs a new process. */
  readonly source: string
  /** What the block is called. */
  readonly label?: string
  /** True if the configuration can do without it. */
  readonly optional?: boolean
  /** True if what its package says of itself need not be so. */
  readonly ignoresCompat?: boolean
  /** Other names for types that it registers: own → in this gateway. */
  readonly alias?: Readonly<Record<string, string>>
  /** How long its `setup` may take. Default 10 000. */
  readonly timeoutMs?: number
  /** What speaks against it, but does not rule it out. */
  readonly warnings?: readonly ConfigProblem[]
}

/** A plugin that could not be loaded, and that the configuration can do without. */
export interface AbsentPlugin {
  readonly label: string
  /** Why it could not; at its block. */
  readonly problem: ConfigProblem
  /** What it would have registered; `undefined` if nobody knows. */
  readonly provides?: ProvidedTypes
  /** True if the configuration is refused because of it: that its types are missing is no news. */
  readonly reported?: boolean
}

/** Types by kind, as a package says what it has. */
export type ProvidedTypes = Readonly<Partial<Record<ExtensionKind, readonly string[]>>>

/** What is known of a plugin beside what it exports. */
export interface PluginOrigin {
  /** `gatewright-plugin-geo@1.2.0`, or the path of a file. */
  readonly title: string
  /** Absolute path of the file that exports it. */
  readonly file?: string
  /** What its package says that it has; types have the names that the plugin gives them. */
  readonly provides?: ProvidedTypes
  /** The version of the plugin contract that its package names. */
  readonly apiVersion?: number
}

/** What a loader can be asked for: the noun of a registry, or `section`. */
export type ExtensionKind =
  | 'protocol'
  | 'entrypoint feature'
  | 'upgrade'
  | 'routing'
  | 'middleware'
  | 'balancer'
  | 'service feature'
  | 'transport'
  | 'provider'
  | 'section'
  | 'matcher'
  | 'dialect'

/** Finds plugins that a configuration needs and that nobody gave to `gateway.use`. */
export interface PluginLoader {
  /** Top-level keys of the configuration that only the loader reads. */
  readonly keys: readonly string[]
  /** The plugins that the configuration lists by itself. */
  listed(
    config: GatewayConfigInput,
    report: Report,
  ): Awaitable<readonly (ListedPlugin | AbsentPlugin)[]>
  /** The plugin that has this type; `undefined` if none is known. */
  find(kind: ExtensionKind, type: string): Awaitable<Plugin | undefined>
  /** Plugins that what has this type needs beside its own, although no configuration names them. */
  companions(kind: ExtensionKind, type: string): Awaitable<readonly Plugin[]>
  /** What {@link PluginLoader.find} knows, for messages. */
  types(kind: ExtensionKind): readonly string[]
  /** Where a type may be that {@link PluginLoader.find} does not know, and what to write then. */
  hintFor?(kind: ExtensionKind, type: string): string | undefined
  /** The plugin of that name, for another one that requires it; `undefined` if none is known. */
  named?(name: string): Awaitable<Plugin | undefined>
  /** What is known of a plugin that it has found. */
  originOf?(plugin: Plugin): PluginOrigin | undefined
  /** Name of the plugin that the code in a file belongs to. */
  ownerOf?(file: string): string | undefined
}
