import type { CircuitBreakerOptions } from './options.ts'
import { OutcomeWindow } from './outcome-window.ts'

/** `closed`: all requests pass; `open`: none; `half-open`: a few, on trial. */
export type CircuitState = 'closed' | 'open' | 'half-open'

/**
 * How a request ended, as far as the service had to do with it. What is slow is so beside being a
 * success or a failure.
 */
export type Outcome = 'success' | 'slow' | 'failure' | 'slow-failure' | 'neither'

/** The state of one service or endpoint. All times are milliseconds of a clock that never goes back. */
export class Circuit {
  readonly #options: CircuitBreakerOptions
  readonly #window: OutcomeWindow | undefined
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
    const { error_ratio: errors, slow_ratio: slow, window } = options
    this.#options = options
    this.#window =
      errors === undefined && slow === undefined ? undefined : new OutcomeWindow(window)
    this.#onChange = onChange
  }

  get state(): CircuitState {
    return this.#state
  }

  /** How often the state has changed. */
  get transitions(): number {
    return this.#epoch
  }

  /** Requests on trial that have not ended. */
  get trials(): number {
    return this.#trials
  }

  /** True if another trial may begin, or none is needed. */
  get admits(): boolean {
    if (this.#state === 'closed') return true
    return this.#state === 'half-open' && this.#trials < this.#options.half_open_max_requests
  }

  /**
   * Lets a request in; `undefined` if it may not pass. What comes back is to be handed to
   * {@link Circuit.settle} once, whatever happens.
   */
  tryEnter(now: number): number | undefined {
    if (this.#state === 'closed') return this.#epoch
    if (this.#state === 'open' && now >= this.#openUntil) this.#become('half-open')
    if (!this.admits) return undefined
    this.#trials++
    return this.#epoch
  }

  /** The cooldown is over, and nobody has asked since. */
  allowTrials(): void {
    if (this.#state === 'open') this.#become('half-open')
  }

  /** A request that nobody had to let in has ended. */
  observe(outcome: Outcome, now: number): void {
    if (this.#state === 'closed' && outcome !== 'neither') this.#count(outcome, now)
  }

  /** A request that was let in has ended. */
  settle(epoch: number, outcome: Outcome, now: number): void {
    // The state was another one when it began, so it says nothing of the present one.
    if (epoch !== this.#epoch) return
    if (this.#state === 'half-open') this.#settleTrial(outcome, now)
    else if (outcome !== 'neither') this.#count(outcome, now)
  }

  /** How long it stays open at least. */
  restMs(now: number): number {
    return this.#state === 'open' ? Math.max(0, this.#openUntil - now) : 0
  }

  /** Closes it, whatever there was. */
  reset(): void {
    this.#opensInARow = 0
    if (this.#state !== 'closed') this.#become('closed')
    else this.#forget()
  }

  #settleTrial(outcome: Outcome, now: number): void {
    this.#trials--
    if (outcome === 'neither') return
    if (outcome !== 'success') return this.#open(now)
    if (++this.#successes < this.#options.success_threshold) return
    this.#opensInARow = 0
    this.#become('closed')
  }

  #count(outcome: Outcome, now: number): void {
    const failed = outcome === 'failure' || outcome === 'slow-failure'
    const slow = outcome === 'slow' || outcome === 'slow-failure'
    this.#failuresInARow = failed ? this.#failuresInARow + 1 : 0
    this.#window?.add(failed, slow, now)
    if ((failed && this.#failTooOften()) || (slow && this.#areTooSlow())) this.#open(now)
  }

  #failTooOften(): boolean {
    const { error_ratio: ratio, min_requests: least, failure_threshold: most = 5 } = this.#options
    if (ratio === undefined) return this.#failuresInARow >= most
    return this.#window?.failuresReach(ratio, least) === true
  }

  #areTooSlow(): boolean {
    const { slow_ratio: ratio, min_requests: least } = this.#options
    return ratio !== undefined && this.#window?.slowReach(ratio, least) === true
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
    this.#forget()
    this.#onChange(state)
  }

  #forget(): void {
    this.#failuresInARow = 0
    this.#successes = 0
    this.#trials = 0
    this.#window?.clear()
  }
}
