import { type GatewayResponse, problemResponse, type Scope } from '@gatewright/kernel'
import { errors } from './errors.ts'
import type { LoopWatcher } from './loop-delay.ts'
import type { OverloadOptions } from './options.ts'

/** One long step, such as a collection of garbage, is no overload; two after each other are. */
const lateTicks = 2
/** So many measurements must be good before requests are let in again: a second. */
const goodTicks = 4
/** More than one line a second would be more load. */
const logIntervalMs = 1000

const error = errors.GW_HTTP_OVERLOADED(undefined, { headers: ['retry-after', '1'] })

/**
 * How much one entrypoint has to do. Whether that is too much is decided when it changes, so that a
 * request costs no more than a look.
 */
export class Load implements LoopWatcher {
  readonly #log: Scope['log']
  #options: OverloadOptions
  #requests = 0
  #late = false
  /** Measurements in a row that speak for a change. */
  #streak = 0
  #delayMs = 0
  #refused = 0
  #loggedAt = Number.NEGATIVE_INFINITY

  constructor(options: OverloadOptions, log: Scope['log']) {
    this.#options = options
    this.#log = log
  }

  /** True if the next request is one too many. */
  get full(): boolean {
    const { max_requests: max } = this.#options
    return this.#late || (max > 0 && this.#requests >= max)
  }

  /** Other bounds, for requests from now on. */
  configure(options: OverloadOptions): void {
    this.#options = options
    if (options.max_event_loop_delay === 0) this.calm()
  }

  /** A request is let in. Pair with {@link Load.end}. */
  begin(): void {
    this.#requests++
  }

  end(): void {
    this.#requests--
  }

  /** The answer to a request that is one too many. */
  refuse(): GatewayResponse {
    this.#refused++
    const now = performance.now()
    if (now - this.#loggedAt >= logIntervalMs) {
      const { code, message } = error
      const fields = { code, problem: message, refused: this.#refused, requests: this.#requests }
      this.#log.warn({ ...fields, eventLoopDelayMs: Math.round(this.#delayMs) }, 'overloaded')
      this.#loggedAt = now
      this.#refused = 0
    }
    return problemResponse(error)
  }

  onDelay(delayMs: number): void {
    this.#delayMs = delayMs
    const { max_event_loop_delay: max } = this.#options
    if (max === 0) return
    // Between the two bounds everything stays as it is.
    const speaks = this.#late ? delayMs < max / 2 : delayMs > max
    this.#streak = speaks ? this.#streak + 1 : 0
    if (this.#streak < (this.#late ? goodTicks : lateTicks)) return
    this.#late = !this.#late
    this.#streak = 0
  }

  /** Forgets what was measured. */
  calm(): void {
    this.#late = false
    this.#streak = 0
    this.#delayMs = 0
  }
}
