/**
 * What plugins may ask of the gateway as it runs.
 *
 * @module
 */
import type { ConfigProblem, GatewayConfig } from './config.ts'
import { asGatewayError } from './errors.ts'
import type { Gateway } from './gateway.ts'
import type { GatewayError } from './gateway-error.ts'
import type { GatewayOptions, GatewayState, Understood } from './gateway-options.ts'
import { type GatewayHooks, Stage } from './hooks.ts'
import { ReloadCounts } from './kernel-figures.ts'
import type { BoundAddress } from './listeners.ts'
import { LogLevels } from './log-levels.ts'
import { type ConfigInput, isDocument } from './merged-config.ts'
import type { Peers } from './peers.ts'
import type { ProviderStatus } from './provider.ts'
import { flushRareLines } from './rare-lines.ts'
import { redactedConfig } from './redaction.ts'
import type { ReloadReport } from './reload-report.ts'
import type { Snapshot } from './snapshot.ts'

/** What became of a reload that somebody asked for. Survives JSON. */
export type ReloadOutcome =
  | { readonly applied: true; readonly report: ReloadReport }
  | {
      readonly applied: false
      /** `GW_RELOAD_UNAVAILABLE` if the configuration comes from a program, which alone can. */
      readonly code: string
      readonly message: string
      readonly hint?: string
      readonly problems: readonly ConfigProblem[]
    }

/** A configuration that was refused, while another one went on. */
export interface RefusedConfig {
  readonly at: Date
  readonly code: string
  /** Of what is wrong with values, only where they stand and the code. */
  readonly message: string
}

/** The gateway as plugins see it that tell about it. Everything is as it is at that moment. */
export interface RunningGateway {
  readonly hooks: GatewayHooks
  /** The processes that work alike, this one included. */
  readonly peers: Peers
  readonly state: GatewayState
  /** When it had started, or the first one whose place it takes; `undefined` before. */
  readonly startedAt: Date | undefined
  /** When the active configuration took its place; `undefined` before the first one. */
  readonly loadedAt: Date | undefined
  /** The last refused configuration; `undefined` once another one was applied. */
  readonly refused: RefusedConfig | undefined
  /** The active snapshot. Throws GW_NOT_STARTED before there is one. */
  readonly snapshot: Snapshot
  /** What the active configuration says. Throws GW_NOT_STARTED. */
  readonly understood: Understood
  /** The file of the configuration, as it was given; `undefined` if it is none. */
  readonly file: string | undefined
  /** See {@link Gateway.addresses}. */
  readonly addresses: ReadonlyMap<string, BoundAddress>
  /** Exchanges that have begun and not ended. */
  readonly exchanges: number
  /** Snapshots that are active or wait for their last exchange. */
  readonly liveSnapshots: number
  /** Names of the plugins that are set up. */
  readonly plugins: readonly string[]
  readonly providers: readonly ProviderStatus[]
  /** What became of the configurations that came after the first one. */
  readonly reloads: ReloadCounts
  /**
   * Has the log of the gateway, and all that were made of it, say as much as that: `debug`, `info`
   * and so on. `undefined` for as much as at the start.
   */
  useLogLevel(level: string | undefined): void
  /** The active configuration with all defaults and without secrets. Rejects with GW_NOT_STARTED. */
  shownConfig(): Promise<GatewayConfig>
  /**
   * What is wrong with a configuration. It is built with plugins that are set up for this alone, and
   * nothing of what runs notices.
   */
  validate(config: ConfigInput): Promise<readonly ConfigProblem[]>
  /**
   * Has the source of the configuration be read again and applied, in every process that works
   * alike. Comes back when that is done, or refused.
   */
  requestReload(): Promise<ReloadOutcome>
}

/** What a view needs to know that the gateway does not tell everybody. */
export interface RunningHost {
  readonly peers: Peers
  /** What it was started or reloaded with last. */
  config(): ConfigInput
  /** Another gateway with the same plugins. */
  twin(options: GatewayOptions): Gateway
}

/** The gateway as plugins see it. */
export class RunningView implements RunningGateway {
  readonly peers: Peers
  startedAt: Date | undefined = undefined
  loadedAt: Date | undefined = undefined
  refused: RefusedConfig | undefined = undefined
  readonly reloads: ReloadCounts = new ReloadCounts()
  readonly #logLevels: LogLevels
  readonly #gateway: Gateway
  readonly #options: GatewayOptions
  readonly #host: RunningHost

  constructor(gateway: Gateway, options: GatewayOptions, host: RunningHost) {
    this.#gateway = gateway
    this.#logLevels = new LogLevels(gateway.log)
    this.#options = options
    this.#host = host
    this.peers = host.peers
  }

  get hooks(): GatewayHooks {
    return this.#gateway.hooks
  }

  get state(): GatewayState {
    return this.#gateway.state
  }

  get snapshot(): Snapshot {
    return this.#gateway.snapshot
  }

  get understood(): Understood {
    return this.#gateway.understood
  }

  get file(): string | undefined {
    const config = this.#host.config()
    return isDocument(config) ? config.file : undefined
  }

  get addresses(): ReadonlyMap<string, BoundAddress> {
    return this.#gateway.addresses
  }

  get exchanges(): number {
    return this.#gateway.exchanges
  }

  get liveSnapshots(): number {
    return this.#gateway.liveSnapshots
  }

  get plugins(): readonly string[] {
    return this.#gateway.plugins
  }

  get providers(): readonly ProviderStatus[] {
    return this.#gateway.providers
  }

  /** Learns when configurations come, and when the gateway ends. The hooks must take taps. */
  follow(tap: string): void {
    const { hooks } = this.#gateway
    hooks.activate.tap({ name: tap, stage: Stage.first }, () => {
      this.loadedAt = new Date()
      this.startedAt ??= this.#options.resumes?.startedAt ?? this.loadedAt
      this.reloads.succeededAt = this.loadedAt.getTime()
      this.refused = undefined
    })
    hooks.configRefusal.tap({ name: tap, stage: Stage.first }, (error) => {
      this.refused = { at: new Date(), code: error.code, message: summaryOf(error) }
      this.reloads.add('rejected')
    })
    hooks.close.tap({ name: tap, stage: Stage.last }, flushRareLines)
  }

  /** A configuration was found to be in order. */
  reloaded(unchanged: boolean): void {
    this.refused = undefined
    this.reloads.add(unchanged ? 'unchanged' : 'applied')
  }

  useLogLevel(level: string | undefined): void {
    this.#logLevels.use(level)
  }

  async shownConfig(): Promise<GatewayConfig> {
    return await redactedConfig(this.understood, this.#options.loader)
  }

  async validate(config: ConfigInput): Promise<readonly ConfigProblem[]> {
    const { loader, baseDir = '.' } = this.#options
    const log = this.#gateway.log.child({}, { level: 'silent' })
    const twin = this.#host.twin({ log, baseDir, ...(loader !== undefined && { loader }) })
    return await twin.validate(config)
  }

  async requestReload(): Promise<ReloadOutcome> {
    const { reload } = this.#options
    if (reload === undefined) return unavailable
    try {
      return await reload()
    } catch (error) {
      const { code, message, problems } = asGatewayError(error)
      return { applied: false, code, message, problems }
    }
  }
}

/** In messages about values there may be some that not everybody may see who may see this. */
function summaryOf({ message, problems }: GatewayError): string {
  if (problems.length === 0) return message
  const told = problems.slice(0, 5).map(({ path, code }) => [path.join('.'), code].join(' ').trim())
  const untold = problems.length - told.length
  return `${told.join(', ')}${untold > 0 ? ` and ${untold} more` : ''}`
}

const unavailable: ReloadOutcome = {
  applied: false,
  code: 'GW_RELOAD_UNAVAILABLE',
  message: 'the configuration was given by a program; only that can give another one',
  problems: [],
}
