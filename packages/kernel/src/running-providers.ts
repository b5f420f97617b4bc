/**
 * Follows the providers of the active configuration and asks for another one when they have news.
 *
 * @module
 */

import type { Logger } from 'pino'
import type { Contributions } from './contributions.ts'
import { LoadTally } from './load-tally.ts'
import type { ConfigInput } from './merged-config.ts'
import { PartsInForce } from './parts-in-force.ts'
import type { Contribution, Provider, ProviderStatus } from './provider.ts'
import { RunningProvider, type RunOptions } from './running-provider.ts'

/** How long news wait for more, and for how long at most while more keep coming, in milliseconds. */
const quietMs = 100
const longestQuietMs = 2000

/** What news are about. */
export interface News {
  /** True if what the gateway was started with is to be read again, too. */
  readonly rereads: boolean
}

/** The providers that run, with the latest that each of them said. */
export class RunningProviders {
  readonly #onNews: (news: News) => void
  readonly #log: Logger
  readonly #running = new Map<string, RunningProvider>()
  /** What came of loading, by type. */
  readonly #loads = new Map<string, LoadTally>()
  readonly #parts: PartsInForce
  readonly #stopping = new AbortController()
  #quiet: NodeJS.Timeout | undefined = undefined
  #newsSince = 0
  #rereads = false

  constructor(onNews: (news: News) => void, log: Logger) {
    this.#onNews = onNews
    this.#log = log
    this.#parts = new PartsInForce(log)
  }

  /** A provider that will run once its configuration is active; a kept resource. */
  prepare(type: string, provider: Provider, options: RunOptions = {}): RunningProvider {
    const log = this.#log.child({ provider: type, plugin: options.plugin })
    return new RunningProvider(type, provider, options, log, {
      started: (running) => this.#running.set(type, running),
      changed: () => {
        this.#rereads ||= options.loads === true
        this.#takeNews()
      },
      stopped: (running) => {
        if (this.#running.get(type) === running) this.#running.delete(type)
        if (this.#running.size === 0) this.#forgetNews()
      },
    })
  }

  /** Aborts when nobody is to wait any more for what is loaded. */
  get stopping(): AbortSignal {
    return this.#stopping.signal
  }

  /** The gateway is to stop. */
  stopLoading(): void {
    this.#stopping.abort()
  }

  /** What a provider said last. */
  latest(type: string): Contribution | undefined {
    return this.#running.get(type)?.latest
  }

  /** What the active configuration has of a provider, by source. */
  inForce(type: string): ReadonlyMap<string, ConfigInput> {
    return this.#parts.of(type)
  }

  /** What came of loading what a provider contributes, for a configuration that is to be applied. */
  tallyOf(type: string): LoadTally {
    const known = this.#loads.get(type)
    if (known !== undefined) return known
    const tally = new LoadTally()
    this.#loads.set(type, tally)
    return tally
  }

  /** Remembers what was put in force, and says what was not. */
  record(contributions: Contributions): void {
    this.#parts.record(contributions)
    for (const type of this.#loads.keys()) {
      if (!this.#running.has(type)) this.#loads.delete(type)
    }
  }

  /** A sentence for each part that is not in force as it is. */
  warnings(): string[] {
    return this.#parts.warnings()
  }

  /** How each of those does that run. */
  statuses(): ProviderStatus[] {
    return [...this.#running.values()].map((running) => {
      const { type } = running
      const refused = this.#parts.refusedOf(type)
      const objects = this.#parts.objectsOf(type)
      const tally = this.#loads.get(type)
      const state = tally?.problem === undefined ? running.state : 'failed'
      const isDegraded = state === 'synced' && refused.length > 0
      return {
        type,
        state: isDegraded ? 'degraded' : state,
        problem: running.problem ?? tally?.problem,
        refused,
        syncedAt: tally?.syncedAt ?? running.syncedAt,
        syncs: tally === undefined ? running.syncs : tally.with(running.syncs),
        objects,
      }
    })
  }

  /**
   * Waits until everyone who runs has said something, or has had the time to.
   * @returns What is to be applied, if there is anything.
   */
  async synced(): Promise<News | undefined> {
    const running = [...this.#running.values()]
    await Promise.all(running.map((provider) => provider.firstNews()))
    const news = this.#quiet === undefined ? undefined : { rereads: this.#rereads }
    this.#forgetNews()
    return news
  }

  #takeNews(): void {
    const now = performance.now()
    if (this.#quiet === undefined) this.#newsSince = now
    clearTimeout(this.#quiet)
    const left = this.#newsSince + longestQuietMs - now
    const waitMs = Math.max(0, Math.min(quietMs, left))
    this.#quiet = setTimeout(() => this.#tell(), waitMs).unref()
  }

  #tell(): void {
    const rereads = this.#rereads
    this.#forgetNews()
    this.#onNews({ rereads })
  }

  #forgetNews(): void {
    clearTimeout(this.#quiet)
    this.#quiet = undefined
    this.#rereads = false
  }
}
