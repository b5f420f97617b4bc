/**
 * The timers of one block. They run while its configuration is the active one.
 *
 * @module
 */
import type { Logger } from 'pino'
import { isThenable } from './awaitable.ts'
import { problemOf } from './gateway-error.ts'
import type { Holdings } from './holdings.ts'
import { actingPlugin, asNow } from './plugin-context.ts'
import { logRarely } from './rare-lines.ts'

/** The timers of one block. */
export class ScopeTimers {
  readonly #log: Logger
  /** On whose behalf the first of them was set. */
  readonly #plugin = actingPlugin()
  readonly #timers = new Set<ScopeTimer>()
  /** Not yet, or not any more, they do not run. */
  #runs: boolean
  #over = false

  constructor(holdings: Holdings, log: Logger) {
    this.#log = log
    this.#runs = holdings.active
    holdings.onActivate(() => this.#start())
    holdings.onDeactivate(() => this.#stop())
    // One that never was the active one is given up.
    holdings.defer(() => this.#stop())
  }

  add(fn: () => unknown, ms: number, repeats: boolean): Disposable {
    const timer = new ScopeTimer(asNow(fn), ms, repeats, {
      log: this.#log,
      plugin: this.#plugin,
      done: () => this.#timers.delete(timer),
    })
    if (this.#over) return timer
    this.#timers.add(timer)
    if (this.#runs) timer.start()
    return timer
  }

  #start(): void {
    this.#runs = true
    for (const timer of this.#timers) timer.start()
  }

  #stop(): void {
    this.#runs = false
    this.#over = true
    for (const timer of this.#timers) timer[Symbol.dispose]()
  }
}

/** Who has the timer. */
interface Owner {
  readonly log: Logger
  readonly plugin: string | undefined
  done(): void
}

/** Keeps no process alive. What its function throws is logged. */
class ScopeTimer implements Disposable {
  readonly #fn: () => unknown
  readonly #ms: number
  readonly #repeats: boolean
  readonly #owner: Owner
  #timer: NodeJS.Timeout | undefined = undefined
  #pending = false

  constructor(fn: () => unknown, ms: number, repeats: boolean, owner: Owner) {
    this.#fn = fn
    this.#ms = ms
    this.#repeats = repeats
    this.#owner = owner
  }

  start(): void {
    const begin = this.#repeats ? setInterval : setTimeout
    this.#timer = begin(() => this.#fire(), this.#ms).unref()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#owner.done()
  }

  #fire(): void {
    if (!this.#repeats) this.#owner.done()
    // What takes longer than its interval is not begun once more beside itself.
    if (this.#pending) return
    try {
      const result = this.#fn()
      if (!isThenable(result)) return
      this.#pending = true
      result.then(
        () => (this.#pending = false),
        (error: unknown) => this.#fail(error),
      )
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    this.#pending = false
    const { log, plugin } = this.#owner
    logRarely(log, {
      level: 'error',
      subject: `timer failed: ${problemOf(error)}`,
      message: 'timer failed',
      fields: () => ({ ...(plugin !== undefined && { plugin }), err: error }),
    })
  }
}
