import {
  type Awaitable,
  ContextKey,
  defineMiddleware,
  type GatewayResponse,
  type Handler,
  isThenable,
  type MiddlewareFactory,
  type RequestContext,
  type Scope,
} from '@gatewright/kernel'
import { Circuit, type CircuitState, type Outcome } from './circuit.ts'
import { errors } from './errors.ts'
import { type CircuitBreakerOptions, schema } from './options.ts'

/** The circuit that an exchange met, for access logs and metrics; unset while it is closed. */
export const circuitState: ContextKey<CircuitState> = new ContextKey('circuit-breaker.state')

/** The `circuit-breaker` middleware type. Costs no promise and no closure of its own. */
export const circuitBreaker: MiddlewareFactory<CircuitBreakerOptions> = defineMiddleware({
  type: 'circuit-breaker',
  schema,
  create(options, scope) {
    const { cooldown_secs: base, max_cooldown_secs: max = base } = options
    if (max < base) throw errors.GW_CIRCUIT_BAD_COOLDOWN()
    const key = `circuit-breaker:${scope.name}:${JSON.stringify(options)}`
    const circuits = scope.keep(key, () => new CircuitTable(options, scope.log))
    const breaker = new Breaker(options, circuits, scope)
    return { around: (ctx, next) => breaker.handle(ctx, next) }
  },
})

/** The circuits of one middleware, one for each service. There are as many as are configured. */
class CircuitTable implements Disposable {
  readonly #options: CircuitBreakerOptions
  readonly #log: Scope['log']
  readonly #circuits = new Map<string, Circuit>()

  constructor(options: CircuitBreakerOptions, log: Scope['log']) {
    this.#options = options
    this.#log = log
  }

  of(service: string): Circuit {
    let circuit = this.#circuits.get(service)
    if (circuit === undefined) {
      circuit = new Circuit(this.#options, (state) => this.#report(service, state))
      this.#circuits.set(service, circuit)
    }
    return circuit
  }

  #report(service: string, state: CircuitState): void {
    const level = state === 'open' ? 'warn' : 'info'
    this.#log[level]({ service, state }, `circuit is ${state}`)
  }

  [Symbol.dispose](): void {
    this.#circuits.clear()
  }
}

class Breaker {
  readonly #circuits: CircuitTable
  readonly #scope: Scope
  readonly #statuses: ReadonlySet<number> | undefined
  readonly #slowMs: number

  constructor(options: CircuitBreakerOptions, circuits: CircuitTable, scope: Scope) {
    const { failure_status: statuses, latency_threshold_ms: slowMs } = options
    this.#circuits = circuits
    this.#scope = scope
    this.#statuses = statuses && new Set(statuses)
    this.#slowMs = slowMs ?? Number.POSITIVE_INFINITY
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

  #settle(
    pass: Pass,
    ctx: RequestContext,
    response: GatewayResponse,
    attempts: number,
    begun: number,
  ): GatewayResponse {
    pass.settle(this.#outcomeOf(ctx, response, attempts, begun))
    return response
  }

  /** @param attempts How many there were before. */
  #outcomeOf(
    ctx: RequestContext,
    { status, error }: GatewayResponse,
    attempts: number,
    begun: number,
  ): Outcome {
    // Nobody asked the service, or somebody did not wait for its answer.
    if ((ctx.attempts?.length ?? 0) === attempts || ctx.abortedBy !== undefined) return 'neither'
    if (error?.source === 'client') return 'neither'
    if (error !== undefined || performance.now() - begun > this.#slowMs) return 'failure'
    const failed = this.#statuses === undefined ? status >= 500 : this.#statuses.has(status)
    return failed ? 'failure' : 'success'
  }

  #refuse(
    ctx: RequestContext,
    next: Handler,
    service: string,
    circuit: Circuit,
  ): Awaitable<GatewayResponse> {
    const { dryRun, log } = this.#scope
    const restMs = Math.ceil(circuit.restMs(performance.now()))
    if (dryRun) {
      const { code } = errors.GW_CIRCUIT_OPEN({ service, restMs })
      log.info({ router: ctx.route?.router, status: 503, code }, 'dry run: would have rejected')
      return next(ctx)
    }
    const headers = ['retry-after', String(Math.max(1, Math.ceil(restMs / 1000)))]
    return ctx.fail(errors.GW_CIRCUIT_OPEN({ service, restMs }, { headers }))
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
