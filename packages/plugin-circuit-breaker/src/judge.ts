import type { GatewayError } from '@gatewright/kernel'
import type { Outcome } from './circuit.ts'
import type { CircuitBreakerOptions } from './options.ts'
import { parseStatuses } from './statuses.ts'

/** The gateway's own answers when it did not ask. */
const unasked = new Set(['GW_SERVICE_UNAVAILABLE', 'GW_CIRCUIT_OPEN', 'GW_UPSTREAM_BUSY'])

/** Decides what an answer, or the lack of one, says about who gave it. */
export class Judge {
  readonly #statuses: ReadonlySet<number> | undefined
  readonly #slowMs: number
  readonly #slowFails: boolean

  /** Throws GW_CIRCUIT_BAD_STATUSES. */
  constructor(options: CircuitBreakerOptions) {
    const { failure_status: statuses, latency_threshold_ms: slowMs } = options
    this.#statuses = statuses === undefined ? undefined : parseStatuses(statuses)
    this.#slowMs = slowMs ?? Number.POSITIVE_INFINITY
    this.#slowFails = options.slow_ratio === undefined
  }

  /** @param ms How long it took. */
  outcomeOf(status: number | undefined, error: GatewayError | undefined, ms: number): Outcome {
    // A client that did not wait, and what the gateway itself did wrong, say nothing.
    if (error !== undefined && (error.source !== 'upstream' || unasked.has(error.code))) {
      return 'neither'
    }
    const failed = error !== undefined || (status !== undefined && this.#isFailure(status))
    if (ms <= this.#slowMs) return failed ? 'failure' : 'success'
    if (this.#slowFails) return 'failure'
    return failed ? 'slow-failure' : 'slow'
  }

  #isFailure(status: number): boolean {
    return this.#statuses === undefined ? status >= 500 : this.#statuses.has(status)
  }
}
