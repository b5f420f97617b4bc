import type { PassiveHealthOptions } from '../options.ts'
import { ErrorWindow } from './error-window.ts'

/** `in`: gets requests; `out`: gets none; `trial`: gets a few, of which the first decides. */
export type ServerState = 'in' | 'out' | 'trial'

/** What is to be done about a server. */
export interface ServerActions {
  /** Puts it out; false if too many are out already. */
  eject(forMs: number): boolean
  /** Lets single requests through. */
  tryOut(): void
  /** It is back. */
  restore(): void
}

/** One server, judged by its answers. */
export class WatchedServer {
  readonly #options: PassiveHealthOptions
  readonly #window: ErrorWindow
  readonly #actions: ServerActions
  #state: ServerState = 'in'
  #ejectionsInARow = 0
  #trialSince = 0
  #timer: NodeJS.Timeout | undefined = undefined

  constructor(options: PassiveHealthOptions, actions: ServerActions) {
    this.#options = options
    this.#window = new ErrorWindow(options.error_threshold, options.window)
    this.#actions = actions
  }

  get state(): ServerState {
    return this.#state
  }

  /**
   * An attempt has ended.
   * @param startedAt When it began: what began before a trial says nothing of the server as it is.
   */
  record(failed: boolean, startedAt: number, now: number): void {
    if (this.#state === 'trial') {
      if (startedAt < this.#trialSince) return
      if (failed) this.#eject()
      else this.#restore()
    } else if (this.#state === 'in' && failed && this.#window.add(now)) this.#eject()
  }

  /** Nothing happens any more. */
  stop(): void {
    clearTimeout(this.#timer)
  }

  #eject(): void {
    const { recovery, backoff, max_recovery: max } = this.#options
    const forMs = Math.max(recovery, Math.min(recovery * backoff ** this.#ejectionsInARow, max))
    if (!this.#actions.eject(forMs)) {
      // It stays, and so do its errors: the next one asks again.
      if (this.#state === 'trial') this.#restore()
      return
    }
    this.#state = 'out'
    this.#ejectionsInARow++
    this.#window.clear()
    this.#timer = setTimeout(() => this.#tryOut(), forMs).unref()
  }

  #tryOut(): void {
    this.#state = 'trial'
    this.#trialSince = performance.now()
    this.#actions.tryOut()
  }

  #restore(): void {
    this.#state = 'in'
    this.#ejectionsInARow = 0
    this.#actions.restore()
  }
}
