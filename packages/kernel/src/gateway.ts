/**
 * The gateway itself: from `start` over reloads to `shutdown`. Everything else is called from
 * here.
 *
 * @module
 */
import { type Logger, pino } from 'pino'
import type { Blueprint } from './blueprint.ts'
import { Builder } from './builder.ts'
import type { ConfigProblem } from './config.ts'
import { readConfig } from './config-reader.ts'
import { asGatewayError, errors } from './errors.ts'
import type { GatewayError } from './gateway-error.ts'
import { guardHooks } from './guard.ts'
import { HookRunner } from './hook-runner.ts'
import { createHooks, type GatewayHooks, Stage } from './hooks.ts'
import { KernelIngress } from './kernel-ingress.ts'
import { type BoundAddress, Listeners } from './listeners.ts'
import type { LiveSnapshot } from './live-snapshot.ts'
import { checkPlugin } from './made.ts'
import { type ConfigFragment, type ConfigInput, MergedConfig } from './merged-config.ts'
import type { Plugin, PluginLoader } from './plugin.ts'
import { PluginHost, type PluginUse } from './plugin-host.ts'
import {
  compareBlueprints,
  logReport,
  type ReloadReport,
  type RestartValues,
  restartValuesOf,
} from './reload-report.ts'
import { KeptResources } from './resources.ts'
import { RunningProviders } from './running-providers.ts'
import { SerialQueue } from './serial-queue.ts'
import type { Snapshot } from './snapshot.ts'
import { SnapshotHolds } from './snapshot-holds.ts'

/** How a gateway is made. */
export interface GatewayOptions {
  /** Default: warnings and errors to standard output. */
  readonly log?: Logger
  readonly plugins?: readonly Plugin[]
  /** Finds plugins for types that none of `plugins` has. */
  readonly loader?: PluginLoader
  /** How long a step of a plugin may stay pending, in milliseconds. Default 10,000. */
  readonly pendingTimeoutMs?: number
  /**
   * Which part of the whole this gateway is, for limits that count for all of it: 1 divided by the
   * number of gateways that work alike beside each other. Default 1. See `Scope.share`.
   */
  readonly share?: number
  /**
   * Where relative paths begin in a configuration that is no file: `keys_file = "partners.keys"`.
   * Default: the working directory. Those of a file begin at its folder.
   */
  readonly baseDir?: string
}

/** How a configuration is applied. */
export interface ReloadOptions {
  /**
   * Builds anew even if the configuration says what it said before, for the sake of what plugins
   * read besides it. Default false.
   */
  readonly force?: boolean
  /** The caller tells about it, so it is not logged. Default false. */
  readonly quiet?: boolean
}

/** Where a gateway stands in its life. */
export type GatewayState = 'idle' | 'starting' | 'running' | 'draining' | 'stopped'

const kernelName = '@gatewright/kernel'
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
  readonly #plugins: PluginHost
  readonly #given: PluginUse[] = []
  readonly #runner: HookRunner
  readonly #resources: KeptResources
  readonly #listeners: Listeners
  readonly #pendingTimeoutMs: number
  readonly #share: number
  readonly #baseDir: string
  readonly #queue = new SerialQueue()
  readonly #providers: RunningProviders
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
    this.#share = options.share ?? 1
    this.#baseDir = options.baseDir ?? '.'
    this.#plugins = new PluginHost(this.hooks, this.log, options.loader)
    this.#runner = new HookRunner(this.hooks)
    this.#holds = new SnapshotHolds(this.#runner)
    this.#resources = new KeptResources((key, problem) =>
      this.log.error({ key, problem }, 'a kept resource could not be disposed'),
    )
    this.#providers = new RunningProviders(() => this.#takeNews(), this.log)
    this.#listeners = new Listeners(this.#createIngress(), this.#resources, this.log, this.#share)
    guardHooks(this.hooks, {
      currentSetUp: () => this.#plugins.currentSetUp,
      acceptsTaps: () => this.#state === 'idle',
      report: (error) =>
        this.log.error(
          { code: error.code, problem: error.message, err: error.cause },
          'tap failed',
        ),
      pendingTimeoutMs: this.#pendingTimeoutMs,
    })
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

  /** Before `start` only. Throws GW_ALREADY_STARTED, GW_PLUGIN_INVALID. */
  use<O>(plugin: Plugin<O>, ...options: O extends undefined ? [] : [options: O]): this {
    this.#mustBeIdle('use')
    if (this.#plugins.begun) {
      throw errors.GW_ALREADY_STARTED({ state: 'set up', operation: 'use' })
    }
    checkPlugin(plugin)
    this.#given.push({ plugin, options: options[0] })
    return this
  }

  /**
   * Sets up plugins, builds the first snapshot, opens listeners. All or nothing.
   * Throws GW_CONFIG_INVALID with all problems, GW_ADDRESS_IN_USE, GW_LISTEN_FAILED and others.
   */
  async start(config: ConfigInput): Promise<void> {
    this.#mustBeIdle('start')
    this.#state = 'starting'
    await this.#queue.run(async () => {
      try {
        await this.#plugins.setUpGiven(this.#given)
        const problems: ConfigProblem[] = []
        const blueprint = await this.#read(config, problems)
        await this.#apply(config, blueprint, problems)
        this.#atStart = restartValuesOf(blueprint)
      } catch (error) {
        this.#state = 'stopped'
        throw asGatewayError(error)
      }
      this.#state = 'running'
      const sweep = (): void => this.#holds.expirePending(this.#pendingTimeoutMs)
      this.#sweep = setInterval(sweep, sweepIntervalMs).unref()
    })
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
    return this.#queue.run(async () => {
      await this.#plugins.setUpGiven(this.#given)
      const problems: ConfigProblem[] = []
      const blueprint = await this.#read(config, problems)
      const { holdings } = await this.#build(blueprint, problems)
      await holdings.dispose()
      return problems
    })
  }

  /**
   * What a configuration looks like with all defaults, and what is wrong with it, without building
   * anything.
   */
  understand(
    config: ConfigInput,
  ): Promise<{ readonly blueprint: Blueprint; readonly problems: readonly ConfigProblem[] }> {
    return this.#queue.run(async () => {
      await this.#plugins.setUpGiven(this.#given)
      const problems: ConfigProblem[] = []
      const blueprint = await this.#read(config, problems)
      return { blueprint, problems }
    })
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
    })
  }

  #activeSnapshot(): LiveSnapshot {
    const { active } = this.#holds
    if (active === undefined) throw errors.GW_NOT_STARTED({ state: this.#state })
    return active
  }

  #mustBeIdle(operation: string): void {
    if (this.#state === 'idle') return
    throw errors.GW_ALREADY_STARTED({ state: this.#state, operation })
  }

  async #reload(config: ConfigInput, options: ReloadOptions): Promise<ReloadReport> {
    const began = performance.now()
    const { blueprint: before } = this.#activeSnapshot()
    const problems: ConfigProblem[] = []
    const after = await this.#read(config, problems)
    const comparison = compareBlueprints(before, after, this.#atStart)
    const nothingToDo = comparison.unchanged && problems.length === 0 && options.force !== true
    if (nothingToDo) this.#config = config
    else await this.#apply(config, after, problems)
    const durationMs = Math.round(performance.now() - began)
    const report = { version: this.#activeSnapshot().version, ...comparison, durationMs }
    if (options.quiet !== true) logReport(report, this.log)
    return report
  }

  async #apply(
    config: ConfigInput,
    blueprint: Blueprint,
    problems: ConfigProblem[],
  ): Promise<void> {
    const next = await this.#build(blueprint, problems)
    const previous = this.#holds.active
    try {
      if (problems.length > 0) throw invalid(problems)
      // A server may ask for the snapshot as soon as it is bound; connections wait for `activate`.
      this.#holds.active ??= next
      const putInPlace = await next.listeners?.bind()
      this.#activate(next, previous)
      putInPlace?.(next.drainTimeoutMs)
    } catch (error) {
      this.#holds.active = previous
      await next.holdings.dispose()
      throw error
    }
    this.#config = config
  }

  /** Cannot fail: whatever can has been done before. */
  #activate(next: LiveSnapshot, previous: LiveSnapshot | undefined): void {
    this.#runner.refresh()
    this.#holds.activate(next)
    next.activate()
    this.hooks.activate.call(next, previous)
    if (previous === undefined) return
    previous.holdings.deactivate()
    this.#holds.replace(previous, next.drainTimeoutMs)
  }

  #build(blueprint: Blueprint, problems: ConfigProblem[]): Promise<LiveSnapshot> {
    // With problems too: what can be built may show more of them.
    const version = (this.#holds.active?.version ?? 0) + 1
    const host = {
      resources: this.#resources,
      hooks: this.#runner,
      log: this.log,
      providers: this.#providers,
      listeners: this.#listeners,
      share: this.#share,
    }
    const report = (problem: ConfigProblem): void => void problems.push(problem)
    return new Builder(host, blueprint, version, report).build()
  }

  async #read(config: ConfigInput, problems: ConfigProblem[]): Promise<Blueprint> {
    const report = (problem: ConfigProblem): void => void problems.push(problem)
    const fragments: ConfigFragment[] = [
      { source: 'the configuration', input: config },
      ...this.#providers.fragments(config),
    ]
    const merged = new MergedConfig(fragments, report, { baseDir: this.#baseDir })
    merged.replace(await this.#runner.config(merged.config))
    return readConfig(this.#plugins, merged, report)
  }

  /** A provider has said something new. What it said stays out if it makes no configuration. */
  #takeNews(): void {
    if (this.#state !== 'running') return
    // In its turn, on what runs by then: a reload that waits must not be replaced by news.
    const applied = this.#queue.run(async () => {
      if (this.#state === 'running') await this.#reload(this.#config, {})
    })
    applied.catch((error: unknown) => {
      const { code, message, problems } = asGatewayError(error)
      this.log.error({ code, problem: message, problems }, 'news of a provider were refused')
    })
  }

  async #stop(idleMs: number): Promise<void> {
    if (this.#state === 'idle') {
      this.#state = 'stopped'
      return
    }
    // A reload that waits is refused from now on; one that runs, and a start, come to their end.
    if (this.#state === 'running') this.#state = 'draining'
    await this.#queue.idle()
    if (this.#state === 'stopped') return
    this.#state = 'draining'
    const { active } = this.#holds
    if (active !== undefined) await this.#listeners.drainAll(active.drainTimeoutMs, idleMs)
    clearInterval(this.#sweep)
    await this.#holds.retireAll()
    await this.#runner.close()
    this.#state = 'stopped'
  }
}

function invalid(problems: readonly ConfigProblem[]): GatewayError {
  const [first] = problems
  const where = first === undefined ? '' : `${first.path.join('.')}: `
  const params = { count: problems.length, first: `${where}${first?.message ?? 'unknown'}` }
  return errors.GW_CONFIG_INVALID(params, { problems })
}
