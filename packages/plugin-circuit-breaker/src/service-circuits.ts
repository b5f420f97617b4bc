import type { Scope, Snapshot } from '@gatewright/kernel'
import type { CircuitReport, CircuitTable } from './board.ts'
import { Circuit, type CircuitState } from './circuit.ts'
import type { CircuitBreakerOptions } from './options.ts'

/** The circuits of one block, one for each service. There are as many as are configured. */
export class ServiceCircuits implements CircuitTable, Disposable {
  readonly #name: string
  readonly #options: CircuitBreakerOptions
  readonly #log: Scope['log']
  readonly #circuits = new Map<string, Circuit>()

  constructor(options: CircuitBreakerOptions, { name, log }: Pick<Scope, 'name' | 'log'>) {
    this.#name = name
    this.#options = options
    this.#log = log
  }

  of(service: string): Circuit {
    let circuit = this.#circuits.get(service)
    if (circuit === undefined) {
      circuit = new Circuit(this.#options, (state) => this.#tell(service, state))
      this.#circuits.set(service, circuit)
    }
    return circuit
  }

  follow({ services }: Snapshot): void {
    for (const name of this.#circuits.keys()) if (!services.has(name)) this.#circuits.delete(name)
  }

  letGo(): void {
    // Nothing outside knows of these circuits.
  }

  reports(now: number): CircuitReport[] {
    return [...this.#circuits].map(([service, circuit]) => ({
      middleware: this.#name,
      service,
      endpoint: undefined,
      state: circuit.state,
      transitions: circuit.transitions,
      trials: circuit.trials,
      restMs: circuit.restMs(now),
      reset: () => circuit.reset(),
    }))
  }

  #tell(service: string, state: CircuitState): void {
    const level = state === 'open' ? 'warn' : 'info'
    this.#log[level]({ service, state }, `circuit is ${state}`)
  }

  [Symbol.dispose](): void {
    this.#circuits.clear()
  }
}
