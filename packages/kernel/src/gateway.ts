/**
 * The gateway itself: from `start` over reloads to `shutdown`. Everything else is called from
 * here.
 *
 * @module
 */

import { type Logger, pino } from 'pino'
import { Advice } from './advice.ts'
import type { Awaitable } from './awaitable.ts'
import type { Blueprint } from './blueprint.ts'
import type { ConfigProblem } from './config.ts'
import { KnownDialects } from './dialect.ts'
import { asGatewayError, errors } from './errors.ts'
import { type Extension, listExtensions } from './extensions.ts'
import type { GatewayOptions, GatewayState, ReloadOptions, Understood } from './gateway-options.ts'
import { guardHooks } from './guard.ts'
import { HookRunner } from './hook-runner.ts'
import { createHooks, type GatewayHooks, Stage } from './hooks.ts'
import { type Inspected, inspect, problemsIn, understand, understoodOf } from './inspection.ts'
import { KernelIngress } from './kernel-ingress.ts'
import { type BoundAddress, Listeners } from './listeners.ts'
import type { LiveSnapshot } from './live-snapshot.ts'
import type { ConfigInput } from './merged-config.ts'
import { NewsDesk } from './news-desk.ts'
import { LonePeers } from './peers.ts'
import type { Plugin } from './plugin.ts'
import { checkPlugin } from './plugin-check.ts'
import { kernelName, PluginHost } from './plugin-host.ts'
import type { PluginUse } from './plugin-use.ts'
import { type PreparationHost, prepare, prepareUnbound } from './preparation.ts'
import type { Ingress } from './protocol.ts'
import type { ProviderStatus } from './provider.ts'
import {
  compareBlueprints,
  logReport,
  type ReloadReport,
  type RestartValues,
  restartValuesOf,
} from './reload-report.ts'
import { KeptResources } from './resources.ts'
import { RunningView } from './running-gateway.ts'
import { RunningProviders } from './running-providers.ts'
import { SerialQueue } from './serial-queue.ts'
import type { Snapshot } from './snapshot.ts'
import { SnapshotChange } from './snapshot-change.ts'
import { SnapshotHolds } from './snapshot-holds.ts'
import type { StrayErrors } from './stray-errors.ts'

const sweepIntervalMs = 1000

/**
 * A gateway: hooks and registries for the life of the process, and one active configuration.
 *
 * @example
 * ```ts
 * const gateway = new Gateway().use(http).use(router).use(loadBalancer)
 * await gateway.start({
 *   entrypoints: { web: { address: '127.0.0.1:8080' } },
 *   routers: { all: { rule: 'PathPrefix(`/`)', service: 'app' } },
 *   services: { app: { load_balancer: { servers: [{ url: 'http://127.0.0.1:3000' }] } } },
 * })
 * ```
 */
export class Gateway implements AsyncDisposable {
  readonly hooks: GatewayHooks = createHooks()
  readonly log: Logger
  /** What plugins may ask, a {@link RunningGateway}; of use once there is a configuration. */
  readonly running: RunningView
  /**
   * Where exchanges enter, as protocol servers get it. For what has clients that no entrypoint
   * listens for, such as a test kit.
   */
  readonly ingress: Ingress
  /** Errors that plugins let go. */
  readonly strays: StrayErrors
  readonly #plugins: PluginHost
  readonly #given: PluginUse[] = []
  readonly #runner: HookRunner = new HookRunner(this.hooks)
  readonly #dialects: KnownDialects
  readonly #change: SnapshotChange
  readonly #resources: KeptResources
  readonly #listeners: Listeners
  readonly #pendingTimeoutMs: number
  /** What configurations are read and built with. */
  readonly #parts: PreparationHost
  readonly #queue = new SerialQueue()
  readonly #providers: RunningProviders
  readonly #news: NewsDesk
  readonly #holds: SnapshotHolds
  #state: GatewayState = 'idle'
  /** What `start` or the last successful `reload` was given; providers add to it. */
  #config: ConfigInput = {}
  #atStart: RestartValues = new Map()
  #sweep: NodeJS.Timeout | undefined = undefined
  #shutdown: Promise<void> | undefined = undefined

  constructor(options: GatewayOptions = {}) {
    this.log = options.log ?? pino({ level: 'warn' })
    this.#pendingTimeoutMs = options.pendingTimeoutMs ?? 10_000
    const { share = 1, sharedSecret, peers = new LonePeers(), baseDir = '.' } = options
    this.running = new RunningView(this, options, {
      peers,
      config: () => this.#config,
      twin: (alike) => this.#twin(alike),
    })
    this.#plugins = new PluginHost(this.hooks, this.log, options.loader, this.running)
    this.strays = this.#plugins.strays
    this.#dialects = new KnownDialects(this.#plugins.dialects)
    this.#holds = new SnapshotHolds(this.#runner)
    this.#resources = new KeptResources((key, problem) =>
      this.log.error({ key, problem }, 'a kept resource could not be disposed'),
    )
    this.#providers = new RunningProviders((news) => void this.#news.take(news), this.log)
    this.#news = this.#createNewsDesk()
    const part = { share, sharedSecret, peers }
    this.ingress = this.#createIngress()
    this.#listeners = new Listeners(this.ingress, this.#resources, this.log, part)
    this.#parts = {
      plugins: this.#plugins,
      hooks: this.#runner,
      resources: this.#resources,
      providers: this.#providers,
      listeners: this.#listeners,
      advice: new Advice(this.log),
      firstVersion: options.resumes?.version ?? 1,
      log: this.log,
      part,
      baseDir,
    }
    const meters = guardHooks(this.hooks, {
      currentSetUp: () => this.#plugins.currentSetUp,
      acceptsTaps: () => this.#state === 'idle',
      log: this.log,
      pendingTimeoutMs: this.#pendingTimeoutMs,
    })
    const guarded = { runner: this.#runner, dialects: this.#dialects, meters }
    this.#change = new SnapshotChange(this.hooks, this.#holds, guarded)
    this.running.follow(kernelName)
    this.hooks.route.tap({ name: kernelName, stage: Stage.normal }, (exchange) =>
      exchange.snapshot.findRoute(exchange),
    )
    for (const plugin of options.plugins ?? []) this.#given.push({ plugin, options: undefined })
  }

  get state(): GatewayState {
    return this.#state
  }

  /** The active snapshot. Throws GW_NOT_STARTED before `start`. */
  get snapshot(): Snapshot {
    return this.#activeSnapshot()
  }

  /** What the active configuration says. Throws GW_NOT_STARTED before `start`. */
  get understood(): Understood {
    return understoodOf(this.#activeSnapshot().blueprint)
  }

  /** Where each entrypoint listens, by name; tells the port where the configuration says 0. */
  get addresses(): ReadonlyMap<string, BoundAddress> {
    return this.#listeners.addresses()
  }

  /** Exchanges that have begun and not ended, on every snapshot. */
  get exchanges(): number {
    return this.#holds.exchanges
  }

  /** Snapshots that are active or wait for their last exchange. */
  get liveSnapshots(): number {
    return this.#holds.size
  }

  /** Names of the plugins that are set up. */
  get plugins(): readonly string[] {
    return this.#plugins.names()
  }

  /** What plugins have registered so far that a configuration can name. */
  get extensions(): readonly Extension[] {
    return listExtensions(this.#plugins)
  }

  /** How each provider of the active configuration does, by type. */
  get providers(): readonly ProviderStatus[] {
    return this.#providers.statuses()
  }

  /** Before `start` only. Throws GW_ALREADY_STARTED, GW_PLUGIN_INVALID. */
  use<O = undefined>(plugin: Plugin<O>, ...options: O extends undefined ? [] : [options: O]): this {
    this.#mustBeIdle('use')
    if (this.#plugins.begun) {
      throw errors.GW_ALREADY_STARTED({ state: 'set up', operation: 'use' })
    }
    checkPlugin(plugin)
    this.#given.push({ plugin, options: options[0] })
    return this
  }

  /**
   * Sets up plugins, builds the first snapshot, opens listeners. All or nothing. Then waits for what
   * providers have to say at once, each as long as its `initial_sync_timeout`.
   * Throws GW_CONFIG_INVALID with all problems, GW_ADDRESS_IN_USE, GW_LISTEN_FAILED and others.
   */
  async start(config: ConfigInput): Promise<void> {
    this.#mustBeIdle('start')
    this.#state = 'starting'
    await this.#queue.run(async () => {
      try {
        await this.#plugins.setUpGiven(this.#given)
        this.#atStart = restartValuesOf(await this.#apply(config))
      } catch (error) {
        this.#state = 'stopped'
        throw asGatewayError(error)
      }
      this.#state = 'running'
      const sweep = (): void => this.#holds.expirePending(this.#pendingTimeoutMs)
      this.#sweep = setInterval(sweep, sweepIntervalMs).unref()
    })
    const news = await this.#providers.synced()
    if (news !== undefined) await this.#news.take(news)
    // What somebody said while others were waited for.
    await this.#queue.idle()
  }

  /**
   * Builds and swaps, and tells what changed; does nothing if nothing did. On failure throws and
   * leaves the running snapshot as it is. Reloads run one after the other; a newer configuration
   * replaces one that waits, which fails GW_SUPERSEDED.
   */
  async reload(config: ConfigInput, options: ReloadOptions = {}): Promise<ReloadReport> {
    if (this.#state !== 'running') throw errors.GW_NOT_STARTED({ state: this.#state })
    try {
      return await this.#queue.runLatest(() => {
        if (this.#state !== 'running') throw errors.GW_NOT_STARTED({ state: this.#state })
        return this.#reload(config, options)
      })
    } catch (error) {
      throw asGatewayError(error)
    }
  }

  /**
   * Checks without applying, by building everything short of opening a listener. Sets up plugins
   * that the configuration names. Comes back with every problem rather than the first.
   */
  validate(config: ConfigInput): Promise<readonly ConfigProblem[]> {
    return this.#read((active) => problemsIn(config, this.#parts, active))
  }

  /**
   * Has `look` look at a configuration that is built as `validate` does, and discards it afterwards:
   * nothing of it listens, starts or serves. Comes back with what `look` does. Throws
   * GW_CONFIG_INVALID.
   */
  inspect<T>(config: ConfigInput, look: (inspected: Inspected) => Awaitable<T>): Promise<T> {
    const { hooks } = this
    return this.#read((active) => inspect(config, this.#parts, { hooks, active }, look))
  }

  /**
   * What a configuration looks like with all defaults, and what is wrong with it, without building
   * anything.
   */
  understand(config: ConfigInput): Promise<Understood> {
    return this.#read(() => understand(config, this.#parts))
  }

  /**
   * Drains, then stops. Calls after the first one wait for the same end. If another gateway takes
   * over the addresses, `idleMs` is how long idle connections get for a last request, so that none
   * is lost; default 0.
   */
  shutdown({ idleMs = 0 }: { readonly idleMs?: number } = {}): Promise<void> {
    this.#shutdown ??= this.#stop(idleMs)
    return this.#shutdown
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown()
  }

  /** Does what needs all plugins of the program, in its turn. */
  #read<T>(read: (active: LiveSnapshot | undefined) => Promise<T>): Promise<T> {
    return this.#queue.run(async () => {
      await this.#plugins.setUpGiven(this.#given)
      return await read(this.#holds.active)
    })
  }

  #createIngress(): KernelIngress {
    const gateway = this
    return new KernelIngress({
      get active() {
        return gateway.#activeSnapshot()
      },
      get draining() {
        return gateway.#state === 'draining'
      },
      hooks: this.#runner,
      log: this.log,
      holds: this.#holds,
      upgrades: this.#plugins.upgrades,
      dialects: this.#dialects,
    })
  }

  /** Another gateway with the same plugins. */
  #twin(options: GatewayOptions): Gateway {
    const twin = new Gateway(options)
    twin.#given.push(...this.#given)
    return twin
  }

  #createNewsDesk(): NewsDesk {
    const gateway = this
    return new NewsDesk({
      get running() {
        return gateway.#state === 'running'
      },
      get config() {
        return gateway.#config
      },
      log: this.log,
      queue: this.#queue,
      apply: async (config) => {
        const report = await this.#reload(config, { quiet: true })
        // A provider may say again what it has said.
        if (!report.unchanged) logReport(report, this.log)
      },
    })
  }

  #activeSnapshot(): LiveSnapshot {
    const { active } = this.#holds
    if (active === undefined) throw errors.GW_NOT_STARTED({ state: this.#state })
    return active
  }

  #mustBeIdle(operation: string): void {
    if (this.#state !== 'idle') throw errors.GW_ALREADY_STARTED({ state: this.#state, operation })
  }

  async #reload(config: ConfigInput, options: ReloadOptions): Promise<ReloadReport> {
    const began = performance.now()
    const { blueprint: before } = this.#activeSnapshot()
    const after = await this.#apply(config, options.force).catch((error: unknown) => {
      const refusal = asGatewayError(error)
      this.hooks.configRefusal.call(refusal)
      throw refusal
    })
    const comparison = compareBlueprints(before, after, this.#atStart)
    this.running.reloaded(comparison.unchanged)
    const durationMs = Math.round(performance.now() - began)
    const warnings = [...comparison.warnings, ...this.#providers.warnings()]
    const report = { ...comparison, version: this.snapshot.version, warnings, durationMs }
    if (options.quiet !== true) logReport(report, this.log)
    return report
  }

  async #apply(config: ConfigInput, force?: boolean): Promise<Blueprint> {
    const { active } = this.#holds
    let prepared = await prepare(config, this.#parts, active, force)
    while (prepared.next !== undefined) {
      const { draft, next } = prepared
      try {
        await this.#change.to(draft, next)
        break
      } catch (error) {
        const without = await prepareUnbound(draft, error, this.#parts, active)
        if (without === undefined) throw error
        prepared = without
      }
    }
    this.#config = config
    this.#providers.record(prepared.draft.contributions)
    return prepared.draft.blueprint
  }

  async #stop(idleMs: number): Promise<void> {
    this.#providers.stopLoading()
    if (this.#state === 'idle') {
      this.#state = 'stopped'
      return
    }
    // A reload that waits is refused from now on; one that runs, and a start, come to their end.
    if (this.#state === 'running') this.#state = 'draining'
    await this.#queue.idle()
    if (this.#state === 'stopped') return
    this.#state = 'draining'
    const active = this.#holds.drain()
    if (active !== undefined) await this.#listeners.drainAll(active.drainTimeoutMs, idleMs)
    clearInterval(this.#sweep)
    await this.#holds.retireAll()
    await this.#runner.close()
    this.#state = 'stopped'
  }
}
