/**
 * Follows the providers of the active configuration and asks for another one when they have news.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { type Contributions, textOf } from './contributions.ts'
import { isGatewayError, problemOf } from './gateway-error.ts'
import type { Holdings } from './holdings.ts'
import type { ConfigInput } from './merged-config.ts'
import { PartsInForce } from './parts-in-force.ts'
import type {
  ConfigPart,
  Contribution,
  Provider,
  ProviderStatus,
  ProviderSyncs,
} from './provider.ts'

/** How long news wait for more, and for how long at most while more keep coming, in milliseconds. */
const quietMs = 100
const longestQuietMs = 2000
const firstPauseMs = 1000
const longestPauseMs = 60_000

/** How a provider is to be run. */
export interface RunOptions {
  /** What it holds for as long as it runs. */
  readonly holdings?: Holdings
  /** How long a start waits for its first news, in milliseconds. Default: not at all. */
  readonly syncTimeoutMs?: number
  /** True if all that it says is that there is something to load. */
  readonly loads?: boolean
  /** Whose it is, for logs. */
  readonly plugin?: string | undefined
}

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
  readonly #parts: PartsInForce
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

  /** What a provider said last. */
  latest(type: string): Contribution | undefined {
    return this.#running.get(type)?.latest
  }

  /** What the active configuration has of a provider, by source. */
  inForce(type: string): ReadonlyMap<string, ConfigInput> {
    return this.#parts.of(type)
  }

  /** Remembers what was put in force, and says what was not. */
  record(contributions: Contributions): void {
    this.#parts.record(contributions)
  }

  /** A sentence for each part that is not in force as it is. */
  warnings(): string[] {
    return this.#parts.warnings()
  }

  /** How each of those does that run. */
  statuses(): ProviderStatus[] {
    return [...this.#running.values()].map(({ type, state, syncedAt, syncs }) => {
      const refused = this.#parts.refusedOf(type)
      const objects = this.#parts.objectsOf(type)
      const isDegraded = state === 'synced' && refused.length > 0
      return { type, state: isDegraded ? 'degraded' : state, refused, syncedAt, syncs, objects }
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

interface ProviderEvents {
  started(provider: RunningProvider): void
  changed(): void
  stopped(provider: RunningProvider): void
}

/** One provider and the loop that listens to it. */
export class RunningProvider implements AsyncDisposable {
  readonly type: string
  latest: Contribution | undefined = undefined
  state: 'starting' | 'synced' | 'failed'
  syncedAt: number | undefined = undefined
  readonly syncs: { -readonly [R in keyof ProviderSyncs]: number } = {
    changed: 0,
    unchanged: 0,
    error: 0,
  }
  readonly #provider: Provider
  readonly #options: RunOptions
  readonly #log: Logger
  readonly #events: ProviderEvents
  readonly #controller = new AbortController()
  readonly #first = Promise.withResolvers<void>()
  #loop: Promise<void> | undefined = undefined

  constructor(
    type: string,
    provider: Provider,
    options: RunOptions,
    log: Logger,
    events: ProviderEvents,
  ) {
    this.type = type
    this.state = options.loads === true ? 'synced' : 'starting'
    this.#provider = provider
    this.#options = options
    this.#log = log
    this.#events = events
  }

  /** Begins, unless it runs since an earlier configuration. */
  start(): void {
    if (this.#loop !== undefined) return
    this.#events.started(this)
    // What it has to say was loaded with the configuration.
    if (this.#options.loads === true) this.syncedAt = Date.now()
    this.#options.holdings?.activate()
    this.#loop = this.#listen()
  }

  /** Comes back when it has said something, has had the time to, or has stopped. */
  async firstNews(): Promise<void> {
    const { syncTimeoutMs } = this.#options
    if (syncTimeoutMs === undefined) return
    const { promise, resolve } = this.#first
    const timer = setTimeout(() => {
      this.#log.warn({ syncTimeoutMs }, 'provider has said nothing yet; going on without it')
      resolve()
    }, syncTimeoutMs).unref()
    await promise
    clearTimeout(timer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort()
    this.#events.stopped(this)
    this.#first.resolve()
    await this.#loop
    await this.#options.holdings?.dispose()
  }

  async #listen(): Promise<void> {
    const { signal } = this.#controller
    let pauseMs = firstPauseMs
    while (!signal.aborted) {
      const before = this.latest
      try {
        await this.#follow(signal)
        return
      } catch (error) {
        if (signal.aborted) return
        // One that had news before it failed is in order again.
        if (this.latest !== before) pauseMs = firstPauseMs
        this.state = 'failed'
        this.syncs.error++
        this.#log.error({ problem: problemOf(error), pauseMs }, 'provider failed; it starts again')
      }
      // An abort ends the pause. Not all of them are to come back at once.
      const waitMs = pauseMs * (0.5 + Math.random() / 2)
      await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined)
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    for await (const value of this.#provider.watch(signal)) {
      if (signal.aborted) return
      this.syncs[this.#isNews(value) ? 'changed' : 'unchanged']++
      this.latest = value
      this.state = 'synced'
      this.syncedAt = Date.now()
      this.#first.resolve()
      this.#events.changed()
    }
  }
  /** What one that loads has to say is not in its words. */
  #isNews(value: Contribution): boolean {
    const { latest } = this
    return (
      this.#options.loads === true || latest === undefined || wordsOf(value) !== wordsOf(latest)
    )
  }
}

function wordsOf(value: Contribution): string {
  if (!isParts(value)) return textOf(value)
  return JSON.stringify(
    value.map(({ source, input, strict }) => [
      source,
      isGatewayError(input) ? input.message : textOf(input),
      strict === true,
    ]),
  )
}

function isParts(value: Contribution): value is readonly ConfigPart[] {
  return Array.isArray(value)
}
