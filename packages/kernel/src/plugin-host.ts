/**
 * Sets plugins up, once each, and keeps what they register.
 *
 * @module
 */
import type { Logger } from 'pino'
import { isThenable } from './awaitable.ts'
import { commonMiddlewareKeys, entrypointKeys, loadBalancerKeys } from './block-schemas.ts'
import { canonicalJson } from './canonical.ts'
import type { ConfigProblem } from './config.ts'
import type { DialectFactory } from './dialect.ts'
import { errors } from './errors.ts'
import { figures } from './figure.ts'
import { type GatewayError, isGatewayError, problemOf } from './gateway-error.ts'
import type { GatewayHooks } from './hooks.ts'
import { kernelFigures } from './kernel-figures.ts'
import type { MiddlewareFactory } from './middleware.ts'
import type {
  ExtensionKind,
  Plugin,
  PluginGateway,
  PluginLoader,
  Registry,
  RegistryKey,
  SectionFactory,
} from './plugin.ts'
import { inOrder } from './plugin-order.ts'
import type { EntrypointFeatureFactory, ProtocolFactory } from './protocol.ts'
import type { ProviderFactory } from './provider.ts'
import { PluginRegistry } from './registry.ts'
import type { MatcherFactory, RoutingFactory } from './routing.ts'
import type { RunningGateway } from './running-gateway.ts'
import type { AnyTransportFactory, BalancerFactory, ServiceFeatureFactory } from './service.ts'
import { SectionKey } from './snapshot.ts'
import { inTime } from './time-limit.ts'
import type { UpgradeFactory } from './upgrade.ts'
import { validateOptions } from './validation.ts'

/** For what the kernel itself brings. */
export const kernelName = '@gatewright/kernel'
const middlewareKeys = ['type', ...Object.keys(commonMiddlewareKeys.properties)]
const balancingKeys = Object.keys(loadBalancerKeys)

/** How long one `setup` may take, in milliseconds. */
const setUpTimeoutMs = 10_000

/** A section as it was registered, with the handle that its plugin got. */
export interface RegisteredSection {
  readonly type: string
  readonly factory: SectionFactory
  readonly key: SectionKey<unknown>
}

/** A plugin with the options of its set-up. */
export interface PluginUse {
  readonly plugin: Plugin
  readonly options: unknown
  /** What it was loaded from; `undefined` if the program gave it. */
  readonly source?: string
}

/** One set-up of a plugin, for what it registers and taps. */
export interface SetUp {
  /** Name of the plugin. */
  readonly plugin: string
  /** True once it has failed: what it did counts for nothing. */
  failed: boolean
}

interface KnownPlugin {
  readonly plugin: Plugin
  readonly identity: string
}

/** The plugins of a gateway and everything that they registered. */
export class PluginHost {
  readonly protocols = this.#registry<ProtocolFactory>('protocol', Object.keys(entrypointKeys))
  readonly entrypointFeatures = this.#registry<EntrypointFeatureFactory>(
    'entrypoint feature',
    Object.keys(entrypointKeys),
  )
  readonly upgrades = this.#registry<UpgradeFactory>('upgrade')
  readonly dialects = this.#registry<DialectFactory>('dialect')
  readonly routings = this.#registry<RoutingFactory>('routing')
  readonly matchers = this.#registry<MatcherFactory>('matcher')
  readonly middlewares = this.#registry<MiddlewareFactory>('middleware type', middlewareKeys)
  readonly balancers = this.#registry<BalancerFactory>('strategy', balancingKeys)
  readonly serviceFeatures = this.#registry<ServiceFeatureFactory>('service feature')
  readonly transports = this.#registry<AnyTransportFactory>('transport', balancingKeys)
  readonly providers = this.#registry<ProviderFactory>('provider')
  readonly sections = this.#registry<RegisteredSection>('section')
  readonly loader: PluginLoader | undefined
  /** Names of the plugins that the program gave; every configuration uses them. */
  readonly given = new Set<string>()
  readonly #hooks: GatewayHooks
  readonly #log: Logger
  readonly #running: RunningGateway
  readonly #custom = new Map<object, PluginRegistry<{ readonly type: string }>>()
  readonly #done = new Map<string, KnownPlugin>()
  #current: SetUp | undefined = undefined
  #givenDone: Promise<void> | undefined = undefined

  constructor(
    hooks: GatewayHooks,
    log: Logger,
    loader: PluginLoader | undefined,
    running: RunningGateway,
  ) {
    this.#hooks = hooks
    this.#log = log
    this.#running = running
    this.#registerOwn()
    this.loader = loader
  }

  /** True once {@link PluginHost.setUpGiven} was called. */
  get begun(): boolean {
    return this.#givenDone !== undefined
  }

  /** The set-up that goes on. */
  get currentSetUp(): SetUp | undefined {
    return this.#current
  }

  /**
   * Sets up the plugins that the program gave, in an order that their `after` allows. Once: later
   * calls have the outcome of the first.
   */
  setUpGiven(uses: readonly PluginUse[]): Promise<void> {
    this.#givenDone ??= this.#setUpAll(uses)
    return this.#givenDone
  }

  /**
   * Makes sure that a plugin is set up, with options that were validated. One that already is must
   * be the same as then: `setup` has consumed its options. Throws GW_PLUGIN_NEEDS_RESTART,
   * GW_PLUGIN_SETUP_FAILED and others.
   */
  async ensure(use: PluginUse): Promise<void> {
    const existing = this.#done.get(use.plugin.name)
    if (existing === undefined) return this.#setUp(use)
    if (existing.identity !== identityOf(use)) {
      throw errors.GW_PLUGIN_NEEDS_RESTART({ name: use.plugin.name })
    }
  }

  /**
   * The factory of a type, loaded if need be; `undefined` if there is none.
   * Throws what {@link PluginHost.ensure} throws.
   */
  async find<F extends { readonly type: string }>(
    kind: ExtensionKind,
    type: string,
    registry: PluginRegistry<F>,
  ): Promise<F | undefined> {
    const factory = registry.find(type)
    if (factory !== undefined) return factory
    const plugin = await this.loader?.find(kind, type)
    if (plugin === undefined) return undefined
    await this.#ensureFound(plugin)
    return registry.find(type)
  }

  /**
   * Loads what a type needs beside its own plugin; the names of those plugins.
   * Throws what {@link PluginHost.ensure} throws.
   */
  async addCompanions(kind: ExtensionKind, type: string): Promise<string[]> {
    const plugins = (await this.loader?.companions(kind, type)) ?? []
    for (const plugin of plugins) await this.#ensureFound(plugin)
    return plugins.map(({ name }) => name)
  }

  /** Types that a configuration could name. */
  knownTypes<F extends { readonly type: string }>(
    kind: ExtensionKind,
    registry: PluginRegistry<F>,
  ): string[] {
    return [...new Set([...registry.types(), ...(this.loader?.types(kind) ?? [])])].toSorted()
  }

  /** Every plugin that is set up, in that order. */
  names(): string[] {
    return [...this.#done.keys()]
  }

  /** What the kernel brings. */
  #registerOwn(): void {
    const registry = this.#customRegistry(figures)
    this.#current = { plugin: kernelName, failed: false }
    for (const figure of kernelFigures(this.#running)) registry.register(figure)
    this.#current = undefined
  }

  async #ensureFound(plugin: Plugin): Promise<void> {
    // Already set up by a block of its own, with the options of that.
    if (this.#done.get(plugin.name)?.plugin === plugin) return
    await this.ensure({ plugin, options: optionsOf({ plugin, options: undefined }) })
  }

  async #setUpAll(uses: readonly PluginUse[]): Promise<void> {
    for (const use of inOrder(uses)) {
      await this.#setUp({ ...use, options: optionsOf(use) })
      this.given.add(use.plugin.name)
    }
  }

  async #setUp(use: PluginUse): Promise<void> {
    const { plugin, options } = use
    if (this.#done.has(plugin.name)) throw errors.GW_PLUGIN_DUPLICATE_NAME({ name: plugin.name })
    const version = plugin.apiVersion ?? 1
    if (version !== 1) throw errors.GW_PLUGIN_API_VERSION({ name: plugin.name, version })
    const setUp: SetUp = { plugin: plugin.name, failed: false }
    this.#current = setUp
    try {
      const pending = plugin.setup(this.#viewFor(plugin), options)
      if (isThenable(pending)) await inTime(pending, setUpTimeoutMs, notReady)
    } catch (error) {
      setUp.failed = true
      this.#forget(plugin.name)
      throw setUpFailure(plugin.name, error)
    } finally {
      this.#current = undefined
    }
    this.#done.set(plugin.name, { plugin, identity: identityOf(use) })
  }

  /** A failed set-up leaves no types; its taps stay, since tapable keeps them, and never run. */
  #forget(plugin: string): void {
    for (const registry of [
      this.protocols,
      this.entrypointFeatures,
      this.upgrades,
      this.dialects,
      this.routings,
      this.matchers,
      this.middlewares,
      this.balancers,
      this.serviceFeatures,
      this.transports,
      this.providers,
      this.sections,
      ...this.#custom.values(),
    ]) {
      registry.removeOwnedBy(plugin)
    }
  }

  #viewFor(plugin: Plugin): PluginGateway {
    const { protocols, entrypointFeatures, upgrades, dialects, routings, matchers } = this
    const { middlewares, balancers, serviceFeatures, transports, providers } = this
    return {
      hooks: this.#hooks,
      log: this.#log.child({ plugin: plugin.name }),
      running: this.#running,
      protocols,
      entrypointFeatures,
      upgrades,
      dialects,
      routings,
      matchers,
      middlewares,
      balancers,
      serviceFeatures,
      transports,
      providers,
      registry: (key) => this.#customRegistry(key),
      section: (factory) => this.#section(factory),
    }
  }

  #section<O, T>(factory: SectionFactory<O, T>): SectionKey<T> {
    const key = new SectionKey<T>(factory.type)
    this.sections.register({ type: factory.type, factory, key })
    return key
  }

  #customRegistry<F extends { readonly type: string }>(key: RegistryKey<F>): Registry<F> {
    let registry = this.#custom.get(key)
    if (registry === undefined) {
      registry = this.#registry(key.noun)
      this.#custom.set(key, registry)
    }
    // The key that leads to the registry carries its type.
    return registry as unknown as Registry<F>
  }

  #registry<F extends { readonly type: string }>(
    noun: string,
    ownKeys: readonly string[] = [],
  ): PluginRegistry<F> {
    return new PluginRegistry<F>(noun, () => this.#current?.plugin, ownKeys)
  }
}

function notReady(): Error {
  return new Error(`not set up within ${setUpTimeoutMs / 1000} s`)
}

function optionsOf({ plugin, options }: PluginUse): unknown {
  if (plugin.schema !== undefined) {
    try {
      return validateOptions(plugin.schema, options)
    } catch (error) {
      throw setUpFailure(plugin.name, error)
    }
  }
  if (options === undefined) return undefined
  throw setUpFailure(plugin.name, new Error('it takes no options'))
}

function setUpFailure(name: string, error: unknown): GatewayError {
  if (isGatewayError(error) && error.code !== 'GW_INVALID_OPTIONS') return error
  const problems: readonly ConfigProblem[] = isGatewayError(error) ? error.problems : []
  const params = { name, problem: problemOf(error) }
  return errors.GW_PLUGIN_SETUP_FAILED(params, { cause: error, problems })
}

function identityOf({ options, source }: PluginUse): string {
  return canonicalJson([source ?? null, options ?? null])
}
