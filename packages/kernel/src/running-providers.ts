/**
 * Follows the providers of the active configuration and asks for another one when they have news.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { problemOf } from './gateway-error.ts'
import type { Holdings } from './holdings.ts'
import { type ConfigFragment, type ConfigInput, isDocument, isRecord } from './merged-config.ts'
import type { Provider } from './provider.ts'

/** How long news wait for more, in milliseconds. */
const quietMs = 500
const firstPauseMs = 1000
const longestPauseMs = 60_000

/** The providers that run, with the latest that each of them said. */
export class RunningProviders {
  readonly #onNews: () => void
  readonly #log: Logger
  readonly #running = new Map<string, RunningProvider>()
  #quiet: NodeJS.Timeout | undefined = undefined

  constructor(onNews: () => void, log: Logger) {
    this.#onNews = onNews
    this.#log = log
  }

  /**
   * A provider that will run once its configuration is active; a kept resource.
   * @param holdings What it holds for as long as it runs.
   */
  prepare(type: string, provider: Provider, holdings?: Holdings): RunningProvider {
    const log = this.#log.child({ provider: type })
    return new RunningProvider(provider, holdings, log, {
      started: (running) => this.#running.set(type, running),
      changed: () => {
        clearTimeout(this.#quiet)
        this.#quiet = setTimeout(this.#onNews, quietMs)
      },
      stopped: (running) => {
        if (this.#running.get(type) === running) this.#running.delete(type)
        if (this.#running.size === 0) clearTimeout(this.#quiet)
      },
    })
  }

  /** What the providers that a configuration names have contributed so far. */
  fragments(config: ConfigInput): ConfigFragment[] {
    const blocks: unknown = (isDocument(config) ? config.config : config)['providers']
    const block: unknown = Array.isArray(blocks) ? blocks[0] : blocks
    if (!isRecord(block)) return []
    return Object.keys(block).flatMap((type) => {
      const input = this.#running.get(type)?.latest
      return input === undefined ? [] : [{ source: `provider "${type}"`, input }]
    })
  }
}

interface ProviderEvents {
  started(provider: RunningProvider): void
  changed(): void
  stopped(provider: RunningProvider): void
}

/** One provider and the loop that listens to it. */
export class RunningProvider implements AsyncDisposable {
  latest: ConfigInput | undefined = undefined
  readonly #provider: Provider
  readonly #holdings: Holdings | undefined
  readonly #log: Logger
  readonly #events: ProviderEvents
  readonly #controller = new AbortController()
  #loop: Promise<void> | undefined = undefined

  constructor(
    provider: Provider,
    holdings: Holdings | undefined,
    log: Logger,
    events: ProviderEvents,
  ) {
    this.#provider = provider
    this.#holdings = holdings
    this.#log = log
    this.#events = events
  }

  /** Begins, unless it runs since an earlier configuration. */
  start(): void {
    if (this.#loop !== undefined) return
    this.#events.started(this)
    this.#holdings?.activate()
    this.#loop = this.#listen()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort()
    this.#events.stopped(this)
    await this.#loop
    await this.#holdings?.dispose()
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
        this.#log.error({ problem: problemOf(error), pauseMs }, 'provider failed; it starts again')
      }
      // An abort ends the pause.
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined)
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    for await (const value of this.#provider.watch(signal)) {
      if (signal.aborted) return
      this.latest = value
      this.#events.changed()
    }
  }
}
