import type { GatewayError, Scope } from '@gatewright/kernel'
import type { OverloadOptions } from './entrypoint-options.ts'
import { errors } from './errors.ts'
import type { LoopWatcher } from './loop-delay.ts'

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
  readonly #share: number
  #maxDelayMs = 0
  #maxRequests = Number.POSITIVE_INFINITY
  #requests = 0
  #late = false
  /** Measurements in a row that speak for a change. */
  #streak = 0
  #delayMs = 0
  #refused = 0
  #loggedAt = Number.NEGATIVE_INFINITY

  /** @param share Which part of the requests is this gateway's. */
  constructor(options: OverloadOptions, share: number, log: Scope['log']) {
    this.#share = share
    this.#log = log
    this.configure(options)
  }

  /** True if the next request is one too many. */
  get full(): boolean {
    return this.#late || this.#requests >= this.#maxRequests
  }

  /** Other bounds, for requests from now on. */
  configure({
    max_event_loop_delay: maxDelayMs,
    max_requests: maxRequests,
  }: OverloadOptions): void {
    this.#maxDelayMs = maxDelayMs
    this.#maxRequests =
      maxRequests === 0 ? Number.POSITIVE_INFINITY : Math.ceil(maxRequests * this.#share)
    if (maxDelayMs === 0) this.calm()
  }

  /** A request is let in. Pair with {@link Load.end}. */
  begin(): void {
    this.#requests++
  }

  end(): void {
    this.#requests--
  }

  /** Why a request is one too many. */
  refuse(): GatewayError {
    this.#refused++
    const now = performance.now()
    if (now - this.#loggedAt >= logIntervalMs) {
      const { code, message } = error
      const fields = { code, problem: message, refused: this.#refused, requests: this.#requests }
      this.#log.warn({ ...fields, eventLoopDelayMs: Math.round(this.#delayMs) }, 'overloaded')
      this.#loggedAt = now
      this.#refused = 0
    }
    return error
  }

  onDelay(delayMs: number): void {
    this.#delayMs = delayMs
    const max = this.#maxDelayMs
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
