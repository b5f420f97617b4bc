import {
  type Awaitable,
  type GatewayResponse,
  type Handler,
  isThenable,
  type RequestContext,
  type Scope,
} from '@gatewright/kernel'
import type { Circuit, Outcome } from './circuit.ts'
import { circuitState } from './circuit-state.ts'
import type { Judge } from './judge.ts'
import type { OpenAnswer } from './open-answer.ts'
import type { ServiceCircuits } from './service-circuits.ts'

/** Judges requests as a whole, each for its service. Costs no promise of its own. */
export class ServiceBreaker {
  readonly #circuits: ServiceCircuits
  readonly #judge: Judge
  readonly #answer: OpenAnswer
  readonly #scope: Scope

  constructor(circuits: ServiceCircuits, judge: Judge, answer: OpenAnswer, scope: Scope) {
    this.#circuits = circuits
    this.#judge = judge
    this.#answer = answer
    this.#scope = scope
  }

  handle(ctx: RequestContext, next: Handler): Awaitable<GatewayResponse> {
    const service = ctx.route?.service ?? ''
    const circuit = this.#circuits.of(service)
    const begun = performance.now()
    const epoch = circuit.tryEnter(begun)
    if (circuit.state !== 'closed') ctx.set(circuitState, circuit.state)
    if (epoch === undefined) return this.#refuse(ctx, next, service, circuit)
    const attempts = ctx.attempts?.length ?? 0
    const pass = new Pass(circuit, epoch)
    // An exchange that ends while `next` still waits must not keep its place.
    if (circuit.state === 'half-open') ctx.defer(() => pass.settle('neither'))
    const response = next(ctx)
    if (!isThenable(response)) return this.#settle(pass, ctx, response, attempts, begun)
    return response.then((settled) => this.#settle(pass, ctx, settled, attempts, begun))
  }

  /** @param attempts How many there were before. */
  #settle(
    pass: Pass,
    ctx: RequestContext,
    response: GatewayResponse,
    attempts: number,
    begun: number,
  ): GatewayResponse {
    const { status, error } = response
    // Nobody asked the service, or somebody did not wait for its answer.
    const unheard = (ctx.attempts?.length ?? 0) === attempts || ctx.abortedBy !== undefined
    pass.settle(
      unheard ? 'neither' : this.#judge.outcomeOf(status, error, performance.now() - begun),
    )
    return response
  }

  #refuse(
    ctx: RequestContext,
    next: Handler,
    service: string,
    circuit: Circuit,
  ): Awaitable<GatewayResponse> {
    const { dryRun, log } = this.#scope
    if (!dryRun) {
      const restMs = circuit.restMs(performance.now())
      return this.#answer.respond(ctx, `service "${service}"`, restMs)
    }
    const { status } = this.#answer
    const fields = { router: ctx.route?.router, status, code: 'GW_CIRCUIT_OPEN' }
    log.info(fields, 'dry run: would have rejected')
    return next(ctx)
  }
}

/** The right of one request to pass, which is given back exactly once. */
class Pass {
  readonly #circuit: Circuit
  readonly #epoch: number
  #settled = false

  constructor(circuit: Circuit, epoch: number) {
    this.#circuit = circuit
    this.#epoch = epoch
  }

  settle(outcome: Outcome): void {
    if (this.#settled) return
    this.#settled = true
    this.#circuit.settle(this.#epoch, outcome, performance.now())
  }
}
