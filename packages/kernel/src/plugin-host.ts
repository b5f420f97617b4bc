/**
 * Sets plugins up, once each, and keeps what they register.
 *
 * @module
 */
import type { Logger } from 'pino'
import { isThenable } from './awaitable.ts'
import { commonMiddlewareKeys, entrypointKeys, loadBalancerKeys } from './block-schemas.ts'
import type { DialectFactory } from './dialect.ts'
import { errors } from './errors.ts'
import { figures } from './figure.ts'
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
import { asPlugin } from './plugin-context.ts'
import { inOrder } from './plugin-order.ts'
import {
  checkAlias,
  defaultTimeoutMs,
  identityOf,
  mismatchOf,
  missing,
  optionsOf,
  type PluginUse,
  setUpFailure,
  titleIn,
  tooSlow,
  tryFind,
} from './plugin-use.ts'
import type { EntrypointFeatureFactory, ProtocolFactory } from './protocol.ts'
import type { ProviderFactory } from './provider.ts'
import { PluginRegistry } from './registry.ts'
import type { MatcherFactory, RoutingFactory } from './routing.ts'
import type { RunningGateway } from './running-gateway.ts'
import type { AnyTransportFactory, BalancerFactory, ServiceFeatureFactory } from './service.ts'
import { OwnRegistry, type Registration, SetUp, warnOfDeprecation } from './set-up.ts'
import { SectionKey } from './snapshot.ts'
import { StrayErrors } from './stray-errors.ts'
import { inTime } from './time-limit.ts'
import type { UpgradeFactory } from './upgrade.ts'

/** For what the kernel itself brings. */
export const kernelName = '@gatewright/kernel'
const middlewareKeys = ['type', ...Object.keys(commonMiddlewareKeys.properties)]
const balancingKeys = Object.keys(loadBalancerKeys)

/** A section as it was registered, with the handle that its plugin got. */
export interface RegisteredSection {
  readonly type: string
  readonly factory: SectionFactory
  readonly key: SectionKey<unknown>
}

interface KnownPlugin {
  readonly plugin: Plugin
  readonly identity: string
  readonly setUp: SetUp
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
  readonly strays: StrayErrors
  /** Names of the plugins that the program gave; every configuration uses them. */
  readonly given = new Set<string>()
  readonly #hooks: GatewayHooks
  readonly #log: Logger
  readonly #running: RunningGateway
  readonly #custom = new Map<object, PluginRegistry<{ readonly type: string }>>()
  readonly #done = new Map<string, KnownPlugin>()
  /** Those whose set-up waits for that of the next. */
  readonly #waiting: string[] = []
  readonly #kinds = new Map<Pick<PluginRegistry<never>, 'removeOwnedBy'>, ExtensionKind>([
    [this.protocols, 'protocol'],
    [this.entrypointFeatures, 'entrypoint feature'],
    [this.upgrades, 'upgrade'],
    [this.dialects, 'dialect'],
    [this.routings, 'routing'],
    [this.matchers, 'matcher'],
    [this.middlewares, 'middleware'],
    [this.balancers, 'balancer'],
    [this.serviceFeatures, 'service feature'],
    [this.transports, 'transport'],
    [this.providers, 'provider'],
    [this.sections, 'section'],
  ])
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
    this.strays = new StrayErrors(log, loader)
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
    const { name } = use.plugin
    const existing = this.#done.get(name)
    if (existing === undefined) return this.#setUp(use)
    if (existing.identity !== identityOf(use)) throw errors.GW_PLUGIN_NEEDS_RESTART({ name })
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

  /** What a plugin registered. */
  registeredBy(name: string): readonly Registration[] {
    return this.#done.get(name)?.setUp.registered ?? []
  }

  /** Every plugin that is set up, in that order. */
  names(): string[] {
    return [...this.#done.keys()]
  }

  /** What the kernel brings. */
  #registerOwn(): void {
    const registry = this.#customRegistry(figures)
    this.#current = new SetUp(kernelName)
    for (const figure of kernelFigures(this.#running)) registry.register(figure)
    registry.register(this.strays.figure())
    this.#current = undefined
  }

  /** The plugin and those that it requires, as far as they are set up. */
  withRequired(name: string, seen: Set<string> = new Set()): Set<string> {
    const known = this.#done.get(name)
    if (known === undefined || seen.has(name)) return seen
    seen.add(name)
    for (const required of known.plugin.requires ?? []) this.withRequired(required, seen)
    return seen
  }

  async #ensureFound(plugin: Plugin): Promise<void> {
    // Already set up, perhaps by a block of its own with the options of that.
    if (this.#done.has(plugin.name)) return
    await this.#setUp({ plugin, options: optionsOf({ plugin, options: undefined }) })
  }

  async #setUpAll(uses: readonly PluginUse[]): Promise<void> {
    for (const use of inOrder(uses)) {
      await this.#setUp({ ...use, options: optionsOf(use) })
      for (const name of this.withRequired(use.plugin.name)) this.given.add(name)
    }
  }

  async #setUp(use: PluginUse): Promise<void> {
    const { plugin, options, listed } = use
    const { name } = plugin
    if (this.#done.has(name)) throw errors.GW_PLUGIN_DUPLICATE_NAME({ name })
    const version = plugin.apiVersion ?? 1
    if (version !== 1) throw errors.GW_PLUGIN_API_VERSION({ name: this.#titleOf(plugin), version })
    await this.#setUpRequired(plugin)
    const setUp = new SetUp(name, listed?.alias)
    const timeoutMs = listed?.timeoutMs ?? defaultTimeoutMs
    this.#current = setUp
    try {
      const view = this.#viewFor(plugin, setUp)
      const pending = asPlugin(name, () => plugin.setup(view, options))
      if (isThenable(pending)) {
        await inTime(pending, timeoutMs, () => tooSlow(this.#titleOf(plugin), timeoutMs))
      }
      setUp.over = true
      await this.#check(use, setUp)
    } catch (error) {
      setUp.failed = true
      this.#forget(name)
      throw setUpFailure(this.#titleOf(plugin), error)
    } finally {
      setUp.over = true
      this.#current = undefined
    }
    this.#done.set(name, { plugin, identity: identityOf(use), setUp })
  }

  /** Names those that wait for each other, or are not there. */
  async #setUpRequired({ name, requires = [] }: Plugin): Promise<void> {
    if (this.#waiting.includes(name)) {
      throw errors.GW_PLUGIN_DEPENDENCY_CYCLE({ names: [...this.#waiting, name] })
    }
    this.#waiting.push(name)
    try {
      for (const required of requires) {
        if (this.#done.has(required)) continue
        const plugin = await this.loader?.named?.(required)
        if (plugin === undefined) throw missing(name, required)
        await this.#ensureFound(plugin)
      }
    } finally {
      this.#waiting.pop()
    }
  }

  /** Throws if what was registered is not what was to be, or belongs to somebody else. */
  async #check({ plugin, source, listed }: PluginUse, setUp: SetUp): Promise<void> {
    const { name } = plugin
    checkAlias(setUp)
    const origin = this.loader?.originOf?.(plugin)
    const problem = origin === undefined ? undefined : mismatchOf(plugin, setUp, origin)
    if (problem !== undefined) {
      if (listed?.ignoresCompat !== true) {
        throw errors.GW_PLUGIN_MANIFEST_MISMATCH({ name, problem })
      }
      this.#log.warn({ plugin: name, problem }, 'a plugin is not what its package.json says')
    }
    // A program may replace what others have.
    if (source === undefined) return
    for (const { kind, type } of setUp.registered) {
      if (kind !== undefined) await this.#checkFree(kind, type, plugin)
    }
  }

  /** Types that can be found are not registered before somebody needs one of them. */
  async #checkFree(kind: ExtensionKind, type: string, plugin: Plugin): Promise<void> {
    const other = await tryFind(this.loader, kind, type)
    if (other === undefined || other.name === plugin.name) return
    const first = this.#titleOf(other)
    // The same, under another name.
    if (first === this.#titleOf(plugin)) return
    throw errors.GW_DUPLICATE_TYPE({ noun: kind, type, first, second: plugin.name })
  }

  #titleOf(plugin: Plugin): string {
    return titleIn(this.loader?.originOf?.(plugin), plugin.name)
  }

  /** A failed set-up leaves no types; its taps stay, since tapable keeps them, and never run. */
  #forget(plugin: string): void {
    for (const registry of [...this.#kinds.keys(), ...this.#custom.values()]) {
      registry.removeOwnedBy(plugin)
    }
  }

  #viewFor(plugin: Plugin, setUp: SetUp): PluginGateway {
    const log = this.#log.child({ plugin: plugin.name })
    const own = <F extends { readonly type: string }>(registry: PluginRegistry<F>): Registry<F> =>
      new OwnRegistry(registry, setUp, this.#kinds.get(registry))
    return {
      hooks: this.#hooks,
      log,
      running: this.#running,
      protocols: own(this.protocols),
      entrypointFeatures: own(this.entrypointFeatures),
      upgrades: own(this.upgrades),
      dialects: own(this.dialects),
      routings: own(this.routings),
      matchers: own(this.matchers),
      middlewares: own(this.middlewares),
      balancers: own(this.balancers),
      serviceFeatures: own(this.serviceFeatures),
      transports: own(this.transports),
      providers: own(this.providers),
      registry: (key) => own(this.#customRegistry(key)),
      section: (factory) => this.#section(factory, own(this.sections)),
      deprecate: (code, message) => warnOfDeprecation(log, code, message),
    }
  }

  #section<O, T>(
    factory: SectionFactory<O, T>,
    sections: Registry<RegisteredSection>,
  ): SectionKey<T> {
    const key = new SectionKey<T>(factory.type)
    sections.register({ type: factory.type, factory, key })
    return key
  }

  #customRegistry<F extends { readonly type: string }>(key: RegistryKey<F>): PluginRegistry<F> {
    const current = (): string | undefined => this.#current?.plugin
    const registry = this.#custom.get(key) ?? new PluginRegistry<F>(key.noun, current, [], key)
    this.#custom.set(key, registry)
    // The key that leads to the registry carries its type.
    return registry as unknown as PluginRegistry<F>
  }

  #registry<F extends { readonly type: string }>(
    noun: string,
    ownKeys: readonly string[] = [],
  ): PluginRegistry<F> {
    return new PluginRegistry<F>(noun, () => this.#current?.plugin, ownKeys)
  }
}
