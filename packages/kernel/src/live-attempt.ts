/**
 * One try at an endpoint, counted there until it is released.
 *
 * @module
 */
import { performance } from 'node:perf_hooks'
import type { LiveEndpoint } from './endpoint-pool.ts'
import type { Exchange } from './exchange.ts'
import type { GatewayError } from './gateway-error.ts'
import { HeaderList } from './headers.ts'
import { removeHopByHop } from './hop-by-hop.ts'
import { RequestContext } from './request-context.ts'
import type { Attempt, Service } from './service.ts'

/** A service as its attempts know it. */
export interface AttemptOwner extends Service {
  /** The response of one of them broke off after its head. */
  broke(exchange: Exchange, attempt: Attempt): void
  /** The end of a response has said what its head had not. */
  concluded(exchange: Exchange, attempt: Attempt): void
}

/** An attempt that counts as active on its endpoint until it is released. */
export class LiveAttempt implements Attempt {
  readonly index: number
  readonly service: AttemptOwner
  readonly endpoint: LiveEndpoint
  readonly startedAt: number
  endedAt: number | undefined = undefined
  waitedMs = 0
  connectMs = 0
  status: number | undefined = undefined
  error: GatewayError | undefined = undefined
  bodyIsTimed = false
  code: string | undefined = undefined
  readonly #exchange: Exchange
  #headers: HeaderList | undefined = undefined
  #released = false

  constructor(index: number, service: AttemptOwner, endpoint: LiveEndpoint, exchange: Exchange) {
    this.index = index
    this.service = service
    this.endpoint = endpoint
    this.startedAt = performance.now()
    this.#exchange = exchange
    endpoint.enter()
  }

  get headers(): HeaderList {
    if (this.#headers === undefined) {
      const exchange = this.#exchange
      const isRequest = exchange instanceof RequestContext
      this.#headers = isRequest ? exchange.request.headers.clone() : new HeaderList()
      removeHopByHop(this.#headers)
    }
    return this.#headers
  }

  get touchedHeaders(): HeaderList | undefined {
    return this.#headers
  }

  conclude(code: string): void {
    if (this.code !== undefined || this.error !== undefined) return
    if (this.#exchange.abortedBy !== undefined) return
    this.code = code
    this.service.concluded(this.#exchange, this)
  }

  break(error: GatewayError): void {
    if (this.error !== undefined || this.#exchange.abortedBy !== undefined) return
    this.error = error
    this.service.broke(this.#exchange, this)
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    this.endpoint.leave()
  }
}
