import type { Scope } from '@gatewright/kernel'

/** More than one line a second would help whoever floods the gateway. */
const intervalMs = 1000

/** Tells of something that may happen with every datagram, and how often it did. */
export class RareLog {
  readonly #log: Scope['log']
  readonly #message: string
  #count = 0
  #loggedAt = Number.NEGATIVE_INFINITY

  constructor(log: Scope['log'], message: string) {
    this.#log = log
    this.#message = message
  }

  add(level: 'debug' | 'warn' | 'error', details: Readonly<Record<string, unknown>>): void {
    this.#count++
    const now = performance.now()
    if (now - this.#loggedAt < intervalMs) return
    this.#log[level]({ ...details, count: this.#count }, this.#message)
    this.#loggedAt = now
    this.#count = 0
  }
}
