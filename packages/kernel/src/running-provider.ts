/**
 * One provider of the active configuration, as it runs.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { isThenable } from './awaitable.ts'
import { checkContribution, inParts, wordsOf } from './contribution.ts'
import { asGatewayError, errors } from './errors.ts'
import { badResult, pluginFailure } from './failure.ts'
import { type GatewayError, problemOf } from './gateway-error.ts'
import type { Holdings } from './holdings.ts'
import type { Contribution, Provider, ProviderProblem, ProviderSyncs } from './provider.ts'

const firstPauseMs = 1000
const longestPauseMs = 60_000

/** How a provider is to be run. */
export interface RunOptions {
  /** What it is called in messages: `provider "catalog" of plugin "gatewright-plugin-catalog"`. */
  readonly title?: string
  /** What it holds for as long as it runs. */
  readonly holdings?: Holdings
  /** How long a start waits for its first news, in milliseconds. Default: not at all. */
  readonly syncTimeoutMs?: number
  /** True if all that it says is that there is something to load. */
  readonly loads?: boolean
  /** Whose it is, for logs. */
  readonly plugin?: string | undefined
}

/** What others do about it. */
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
  /** Why it failed, if it did. */
  problem: ProviderProblem | undefined = undefined
  syncedAt: number | undefined = undefined
  readonly syncs: { -readonly [R in keyof ProviderSyncs]: number } = {
    changed: 0,
    unchanged: 0,
    error: 0,
  }
  readonly #provider: Provider
  readonly #options: RunOptions
  readonly #title: string
  readonly #log: Logger
  readonly #events: ProviderEvents
  readonly #controller = new AbortController()
  readonly #first = Promise.withResolvers<void>()
  #words: string | undefined = undefined
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
    this.#title = options.title ?? `provider "${type}"`
    this.#log = log
    this.#events = events
  }

  /** Begins, unless it runs since an earlier configuration. */
  start(): void {
    if (this.#loop !== undefined) return
    this.#events.started(this)
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
        const { code } = this.#fail(pluginFailure(error, this.#title, 'watch'))
        const fields = { code, problem: problemOf(error), pauseMs }
        this.#log.error(fields, 'provider failed; it starts again')
      }
      // An abort ends the pause. Not all of them are to come back at once.
      const waitMs = pauseMs * (0.5 + Math.random() / 2)
      await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined)
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    }
  }

  /** Comes back when there will be no more; that is all there is to do about what cannot be used. */
  async #follow(signal: AbortSignal): Promise<void> {
    const values: unknown = this.#provider.watch(signal)
    if (!isIterable(values)) {
      if (isThenable(values)) Promise.resolve(values).catch(ignore)
      const expected = 'an async iterator: write "async *watch(signal)"'
      this.#complain(badResult(this.#title, 'watch', expected, values))
      return
    }
    let said = 0
    for await (const value of values) {
      if (signal.aborted) return
      said++
      this.#take(value)
    }
    if (said > 0 || signal.aborted || this.#options.loads === true) return
    const expected = 'a configuration at least, and another one with each change'
    const where = { owner: this.#title, where: 'watch', expected, found: 'nothing' }
    this.#complain(errors.GW_PLUGIN_BAD_RESULT(where))
  }

  #take(value: unknown): void {
    if (this.#options.loads === true) {
      // Only that it says something counts; what there is will be loaded.
      this.latest = {}
    } else {
      const how = { title: this.#title, where: 'watch', source: this.type, strict: false } as const
      try {
        this.latest = checkContribution(value, how)
        const words = wordsOf(inParts(this.latest, how))
        this.syncs[words === this.#words ? 'unchanged' : 'changed']++
        this.#words = words
      } catch (error) {
        this.#complain(asGatewayError(error))
        return
      }
      this.syncedAt = Date.now()
    }
    this.state = 'synced'
    this.problem = undefined
    this.#first.resolve()
    this.#events.changed()
  }

  /** What it did is of no use, and nothing is to be expected of doing it again. */
  #complain(error: GatewayError): void {
    const told = this.problem?.message
    const { code, message } = this.#fail(error)
    this.#first.resolve()
    if (told === message) return
    this.#log.error(
      { code, problem: message },
      'provider said nothing of use; what it said before stays',
    )
  }

  #fail({ code, message }: GatewayError): ProviderProblem {
    this.state = 'failed'
    this.syncs.error++
    this.problem = { code, message }
    return this.problem
  }
}

function isIterable(values: unknown): values is AsyncIterable<unknown> {
  return (
    typeof values === 'object' &&
    values !== null &&
    (Symbol.asyncIterator in values || Symbol.iterator in values)
  )
}

function ignore(): void {
  // Whoever returned a promise is told that this is of no use.
}
