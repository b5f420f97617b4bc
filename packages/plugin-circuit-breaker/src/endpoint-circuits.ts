import {
  type Attempt,
  ContextKey,
  type Endpoint,
  type Exchange,
  type Service,
  type Snapshot,
} from '@gatewright/kernel'
import type { AttemptWatcher, CircuitReport, CircuitTable } from './board.ts'
import { EndpointCircuit, type EndpointCircuitHost, keepBack } from './endpoint-circuit.ts'
import type { Judge } from './judge.ts'
import { openError } from './open-answer.ts'

/** A service of the present configuration that has circuits, or had some. */
interface Followed {
  readonly service: Service
  readonly following: Disposable
  /** Its endpoints when they were last looked at. */
  all: readonly Endpoint[]
}

/** The circuits of one block, one for each endpoint. There are as many as the pools have. */
export class EndpointCircuits implements CircuitTable, AttemptWatcher, Disposable {
  /** Set on exchanges whose attempts count. */
  readonly guarded: ContextKey<true> = new ContextKey('circuit-breaker.guarded')
  readonly #name: string
  readonly #judge: Judge
  readonly #host: EndpointCircuitHost
  readonly #circuits = new Map<Endpoint, EndpointCircuit>()
  readonly #followed = new Map<string, Followed>()
  #services: Snapshot['services'] = new Map()

  constructor(name: string, judge: Judge, host: EndpointCircuitHost) {
    this.#name = name
    this.#judge = judge
    this.#host = host
  }

  attemptBegins(exchange: Exchange, attempt: Attempt): void {
    const circuit = this.#circuits.get(attempt.endpoint)
    if (circuit === undefined || circuit.tryBegin(exchange, attempt)) return
    // Whatever chose it did not ask the pool, or asked too early.
    throw openError(
      `server "${attempt.endpoint.url.href}"`,
      circuit.restMs(performance.now()),
      true,
    )
  }

  attemptEnded(exchange: Exchange, attempt: Attempt): void {
    const { endpoint, status, error, startedAt } = attempt
    const known = this.#circuits.get(endpoint)
    const guarded = exchange.get(this.guarded) === true
    if (known === undefined && !guarded) return
    const outcome = this.#judge.outcomeOf(status, error, performance.now() - startedAt)
    if (known?.tryEndTrial(attempt, outcome) === true || !guarded) return
    const circuit = known ?? this.#tryCreate(attempt)
    circuit?.count(attempt, outcome)
  }

  /** Until something may be sent to the service again; `undefined` if nothing is kept from it. */
  restMs(service: string, now: number): number | undefined {
    let shortest: number | undefined
    for (const circuit of this.#circuits.values()) {
      if (circuit.service.name !== service || !circuit.holdsBack) continue
      shortest = Math.min(shortest ?? Number.POSITIVE_INFINITY, circuit.restMs(now))
    }
    return shortest
  }

  follow({ services }: Snapshot): void {
    this.#services = services
    for (const name of [...this.#followed.keys()]) this.#follow(name)
  }

  letGo(): void {
    for (const circuit of this.#circuits.values()) circuit.letGo()
    this.#circuits.clear()
    for (const { following } of this.#followed.values()) following[Symbol.dispose]()
    this.#followed.clear()
    this.#services = new Map()
  }

  reports(now: number): CircuitReport[] {
    return [...this.#circuits.values()].map((circuit) => ({
      middleware: this.#name,
      service: circuit.service.name,
      endpoint: circuit.endpoint.url.href,
      state: circuit.state,
      transitions: circuit.transitions,
      trials: circuit.trials,
      restMs: circuit.restMs(now),
      reset: () => circuit.reset(),
    }))
  }

  /** `undefined` for an endpoint that only an earlier configuration had. */
  #tryCreate({ endpoint, service: { name } }: Attempt): EndpointCircuit | undefined {
    const service = this.#services.get(name)
    if (service?.pool.all.includes(endpoint) !== true) return undefined
    const circuit = new EndpointCircuit(endpoint, service, this.#host)
    this.#circuits.set(endpoint, circuit)
    if (!this.#followed.has(name)) this.#follow(name)
    return circuit
  }

  #follow(name: string): void {
    this.#followed.get(name)?.following[Symbol.dispose]()
    this.#followed.delete(name)
    const service = this.#services.get(name)
    if (service === undefined) return this.#forget(name, [])
    const following = service.pool.onChange(() => this.#reconcile(followed))
    const followed: Followed = { service, following, all: [] }
    this.#followed.set(name, followed)
    this.#reconcile(followed)
  }

  /** Goes on with the endpoints that the service has now. */
  #reconcile(followed: Followed): void {
    const { service } = followed
    const { all } = service.pool
    if (all === followed.all) return
    followed.all = all
    this.#forget(service.name, all)
    for (const endpoint of all) {
      const circuit = this.#circuits.get(endpoint)
      if (circuit !== undefined) circuit.service = service
      // One that went and came back may still be kept from traffic.
      else keepBack(service.pool, endpoint, this.#host.checker, false)
    }
  }

  /** @param except Those that stay. */
  #forget(service: string, except: readonly Endpoint[]): void {
    for (const [endpoint, circuit] of this.#circuits) {
      if (circuit.service.name !== service || except.includes(endpoint)) continue
      circuit.letGo()
      this.#circuits.delete(endpoint)
    }
  }

  [Symbol.dispose](): void {
    this.letGo()
  }
}
