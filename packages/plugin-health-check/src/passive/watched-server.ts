import type { PassiveHealthOptions } from '../options.ts'
import { ErrorWindow } from './error-window.ts'

/** `in`: gets requests; `out`: gets none; `trial`: gets a few, of which the first answer decides. */
export type ServerState = 'in' | 'out' | 'trial'

/** What is to be done about a server. */
export interface ServerActions {
  /** Asked before it is put out; false if too many are out already. */
  mayEject(): boolean
  /** Whether it gets requests from now on. */
  admit(admitted: boolean): void
  /** It has another state. @param forMs For how long at least, if it is out. */
  announce(state: ServerState, forMs: number): void
}

/** One server, judged by its answers. */
export class WatchedServer {
  readonly #options: PassiveHealthOptions
  readonly #window: ErrorWindow
  readonly #actions: ServerActions
  #state: ServerState = 'in'
  /** Under way. */
  #trials = 0
  /** Counts the trials' periods: what began in one says nothing in the next. */
  #period = 0
  #ejectionsInARow = 0
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
   * An attempt begins. What comes back is to be handed to {@link WatchedServer.record} and to
   * {@link WatchedServer.endTrial}; `undefined` if it is no trial.
   */
  tryBeginTrial(): number | undefined {
    if (this.#state !== 'trial') return undefined
    if (++this.#trials >= this.#options.half_open_requests) this.#actions.admit(false)
    return this.#period
  }

  /** The exchange with a trial is over, whether that showed anything or not. */
  endTrial(period: number): void {
    if (this.#state !== 'trial' || period !== this.#period) return
    this.#trials--
    this.#actions.admit(true)
  }

  /**
   * An attempt has ended.
   * @param period If it was a trial: what began before one says nothing of the server as it is.
   */
  record(failed: boolean, period: number | undefined, now: number): void {
    if (this.#state === 'trial') {
      if (period !== this.#period) return
      if (failed) this.#eject()
      else this.#restore()
    } else if (this.#state === 'in' && failed && this.#window.add(now)) this.#eject()
  }

  /** Nothing happens any more. */
  stop(): void {
    clearTimeout(this.#timer)
  }

  #eject(): void {
    if (!this.#actions.mayEject()) {
      // It stays, and so do its errors: the next one asks again.
      if (this.#state === 'trial') this.#restore()
      return
    }
    const { recovery, backoff, max_recovery: max = 300_000 } = this.#options
    const grown = Math.min(recovery * backoff ** this.#ejectionsInARow, max)
    const forMs = Math.max(recovery, grown)
    this.#ejectionsInARow++
    this.#window.clear()
    this.#timer = setTimeout(() => this.#tryOut(), forMs).unref()
    this.#become('out', forMs)
  }

  #tryOut(): void {
    this.#trials = 0
    this.#period++
    this.#become('trial', 0)
  }

  #restore(): void {
    this.#ejectionsInARow = 0
    this.#become('in', 0)
  }

  #become(state: ServerState, forMs: number): void {
    this.#state = state
    this.#actions.announce(state, forMs)
    this.#actions.admit(state !== 'out')
  }
}
