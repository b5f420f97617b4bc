import type { Attempt, Endpoint, EndpointPool, Exchange, Scope, Service } from '@gatewright/kernel'
import { Circuit, type CircuitState, type Outcome } from './circuit.ts'
import { circuitState } from './circuit-state.ts'
import type { CircuitBreakerOptions } from './options.ts'

/** The longest time that a timer takes. */
const maxDelayMs = 2 ** 31 - 1

/** What all circuits of one block share. */
export interface EndpointCircuitHost {
  readonly options: CircuitBreakerOptions
  readonly log: Scope['log']
  /** In whose name endpoints are kept from traffic. */
  readonly checker: string
  /** True keeps nothing from an endpoint. */
  readonly dryRun: boolean
}

/** The circuit of one endpoint, and what the pool of the endpoint is told of it. */
export class EndpointCircuit {
  readonly endpoint: Endpoint
  /** Of the present configuration. */
  service: Service
  readonly #host: EndpointCircuitHost
  readonly #circuit: Circuit
  /** The attempts that are on trial, with what their end must be reported with. */
  readonly #trials = new Map<Attempt, number>()
  /** `performance.now()` of the last change: what began before it does not count. */
  #changedAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined = undefined
  #gone = false

  constructor(endpoint: Endpoint, service: Service, host: EndpointCircuitHost) {
    this.endpoint = endpoint
    this.service = service
    this.#host = host
    this.#circuit = new Circuit(host.options, (state) => this.#changed(state))
  }

  get state(): CircuitState {
    return this.#circuit.state
  }

  get transitions(): number {
    return this.#circuit.transitions
  }

  get trials(): number {
    return this.#trials.size
  }

  /** True while it keeps requests from its endpoint. */
  get holdsBack(): boolean {
    return !this.#host.dryRun && !this.#circuit.admits
  }

  restMs(now: number): number {
    return this.#circuit.restMs(now)
  }

  reset(): void {
    this.#circuit.reset()
  }

  /** An attempt is about to be sent; false if it must not be. */
  tryBegin(exchange: Exchange, attempt: Attempt): boolean {
    const circuit = this.#circuit
    if (circuit.state === 'closed') return true
    exchange.set(circuitState, circuit.state)
    const epoch = circuit.admits ? circuit.tryEnter(performance.now()) : undefined
    if (epoch === undefined) return this.#isOnlyTried(attempt)
    this.#trials.set(attempt, epoch)
    // An exchange that ends while the upstream is still waited for must not keep its place.
    exchange.defer(() => this.tryEndTrial(attempt, 'neither'))
    this.apply()
    return true
  }

  /** False if the attempt is not on trial, or not any more. */
  tryEndTrial(attempt: Attempt, outcome: Outcome): boolean {
    const epoch = this.#trials.get(attempt)
    if (epoch === undefined) return false
    this.#trials.delete(attempt)
    this.#circuit.settle(epoch, outcome, performance.now())
    this.apply()
    return true
  }

  /** Counts an attempt that was not on trial. */
  count({ startedAt }: Attempt, outcome: Outcome): void {
    if (startedAt >= this.#changedAt) this.#circuit.observe(outcome, performance.now())
  }

  /** Tells the pool whether the endpoint may get requests. */
  apply(): void {
    // Another circuit may speak for the endpoint by now.
    if (this.#gone) return
    keepBack(this.service.pool, this.endpoint, this.#host.checker, this.holdsBack)
  }

  /** Ends, and keeps nothing from the endpoint. */
  letGo(): void {
    clearTimeout(this.#timer)
    this.#trials.clear()
    keepBack(this.service.pool, this.endpoint, this.#host.checker, false)
    this.#gone = true
  }

  #isOnlyTried({ service: { name: service } }: Attempt): boolean {
    const { dryRun, log } = this.#host
    const fields = { service, endpoint: this.endpoint.url.href, code: 'GW_CIRCUIT_OPEN' }
    if (dryRun) log.info(fields, 'dry run: would have sent nothing there')
    return dryRun
  }

  #changed(state: CircuitState): void {
    const { log } = this.#host
    const level = state === 'open' ? 'warn' : 'info'
    const endpoint = this.endpoint.url.href
    log[level]({ service: this.service.name, endpoint, state }, `circuit is ${state}`)
    this.#changedAt = performance.now()
    clearTimeout(this.#timer)
    if (state === 'open') this.#wait()
    this.apply()
  }

  /** Nothing reaches an endpoint that gets no requests, so a timer has to end the cooldown. */
  #wait(): void {
    const restMs = this.#circuit.restMs(performance.now())
    if (restMs === 0) return this.#circuit.allowTrials()
    this.#timer = setTimeout(() => this.#wait(), Math.min(Math.ceil(restMs), maxDelayMs))
    this.#timer.unref()
  }
}

/**
 * Keeps an endpoint from all traffic, or lets it have some again.
 * @param checker In whose name.
 */
export function keepBack(
  pool: EndpointPool,
  endpoint: Endpoint,
  checker: string,
  holdsBack: boolean,
): void {
  // To a failover it is down; to a strategy that passes over health in a panic, it is full.
  pool.setHealthy(endpoint, checker, !holdsBack)
  pool.setLimit(endpoint, checker, holdsBack ? 0 : undefined)
}
