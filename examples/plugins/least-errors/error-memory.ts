import { performance } from 'node:perf_hooks'
import type { Endpoint } from '@gatewright/kernel'

/** How many errors servers had of late: each counts half after a time, a quarter after twice that. */
export class ErrorMemory {
  readonly #halfMs: number
  /** Goes with the server, so that those that a configuration drops leave nothing behind. */
  readonly #counts = new WeakMap<Endpoint, { count: number; at: number }>()

  constructor(halfMs: number) {
    this.#halfMs = halfMs
  }

  of(endpoint: Endpoint): number {
    const known = this.#counts.get(endpoint)
    if (known === undefined) return 0
    const count = known.count * 0.5 ** ((performance.now() - known.at) / this.#halfMs)
    // Otherwise a server would stay behind another one for ever, by next to nothing.
    return count < 0.1 ? 0 : count
  }

  add(endpoint: Endpoint): void {
    this.#counts.set(endpoint, { count: this.of(endpoint) + 1, at: performance.now() })
  }
}
