import {
  type Awaitable,
  type GatewayResponse,
  type Handler,
  isThenable,
  type RequestContext,
} from '@gatewright/kernel'
import { circuitState } from './circuit-state.ts'
import type { EndpointCircuits } from './endpoint-circuits.ts'
import type { OpenAnswer } from './open-answer.ts'

/** Has the attempts of requests judged, each for its endpoint. */
export class EndpointBreaker {
  readonly #circuits: EndpointCircuits
  readonly #answer: OpenAnswer

  constructor(circuits: EndpointCircuits, answer: OpenAnswer) {
    this.#circuits = circuits
    this.#answer = answer
  }

  handle(ctx: RequestContext, next: Handler): Awaitable<GatewayResponse> {
    ctx.set(this.#circuits.guarded, true)
    const response = next(ctx)
    if (!isThenable(response)) return this.#settle(ctx, response)
    return response.then((settled) => this.#settle(ctx, settled))
  }

  #settle(ctx: RequestContext, response: GatewayResponse): GatewayResponse {
    if (response.error?.code !== 'GW_SERVICE_UNAVAILABLE') return response
    const service = ctx.route?.service ?? ''
    const restMs = this.#circuits.restMs(service, performance.now())
    // Something else keeps the endpoints from being asked.
    if (restMs === undefined) return response
    response.discard()
    ctx.set(circuitState, 'open')
    return this.#answer.respond(
      ctx,
      `every server of service "${service}" that could answer`,
      restMs,
    )
  }
}
