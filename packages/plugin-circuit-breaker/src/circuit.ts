import { FailureWindow } from './failure-window.ts'
import type { CircuitBreakerOptions } from './options.ts'

/** `closed`: all requests pass; `open`: none; `half-open`: a few, on trial. */
export type CircuitState = 'closed' | 'open' | 'half-open'

/** How a request ended, as far as the service had to do with it. */
export type Outcome = 'success' | 'failure' | 'neither'

/** The state of one service. All times are milliseconds of a clock that never goes back. */
export class Circuit {
  readonly #options: CircuitBreakerOptions
  readonly #window: FailureWindow
  readonly #onChange: (state: CircuitState) => void
  #state: CircuitState = 'closed'
  /** Counts the changes, so that what began before one does not count after it. */
  #epoch = 0
  #failuresInARow = 0
  #successes = 0
  #trials = 0
  #opensInARow = 0
  #openUntil = 0

  /** @param onChange Told each new state. */
  constructor(options: CircuitBreakerOptions, onChange: (state: CircuitState) => void) {
    this.#options = options
    this.#window = new FailureWindow(options.window)
    this.#onChange = onChange
  }

  get state(): CircuitState {
    return this.#state
  }

  /**
   * Lets a request in; `undefined` if it may not pass. What comes back is to be handed to
   * {@link Circuit.settle} once, whatever happens.
   */
  tryEnter(now: number): number | undefined {
    if (this.#state === 'closed') return this.#epoch
    if (this.#state === 'open') {
      if (now < this.#openUntil) return undefined
      this.#become('half-open')
    }
    if (this.#trials >= this.#options.half_open_max_requests) return undefined
    this.#trials++
    return this.#epoch
  }

  /** A request that was let in has ended. */
  settle(epoch: number, outcome: Outcome, now: number): void {
    // The state was another one when it began, so it says nothing of the present one.
    if (epoch !== this.#epoch) return
    if (this.#state === 'half-open') this.#settleTrial(outcome, now)
    else if (outcome !== 'neither') this.#count(outcome === 'failure', now)
  }

  /** How long it stays open at least. */
  restMs(now: number): number {
    return this.#state === 'open' ? Math.max(0, this.#openUntil - now) : 0
  }

  #settleTrial(outcome: Outcome, now: number): void {
    this.#trials--
    if (outcome === 'failure') return this.#open(now)
    if (outcome === 'neither') return
    if (++this.#successes < this.#options.success_threshold) return
    this.#opensInARow = 0
    this.#become('closed')
  }

  #count(failed: boolean, now: number): void {
    this.#failuresInARow = failed ? this.#failuresInARow + 1 : 0
    const { error_ratio: ratio, min_requests: minRequests } = this.#options
    if (ratio === undefined) {
      if (this.#failuresInARow >= this.#options.failure_threshold) this.#open(now)
      return
    }
    this.#window.add(failed, now)
    if (failed && this.#window.reaches(ratio, minRequests, now)) this.#open(now)
  }

  #open(now: number): void {
    const { cooldown_secs: base, max_cooldown_secs: max = base } = this.#options
    // No cooldown needs more doublings to reach any bound.
    const seconds = Math.min(base * 2 ** Math.min(this.#opensInARow++, 30), max)
    this.#openUntil = now + seconds * 1000
    this.#become('open')
  }

  #become(state: CircuitState): void {
    this.#state = state
    this.#epoch++
    this.#failuresInARow = 0
    this.#successes = 0
    this.#trials = 0
    this.#window.clear()
    this.#onChange(state)
  }
}
