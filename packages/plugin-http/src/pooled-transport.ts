import type {
  Attempt,
  Awaitable,
  Endpoint,
  GatewayResponse,
  RequestContext,
  Transport,
} from '@gatewright/kernel'

/** Connections to one endpoint. */
export interface ConnectionPool extends Disposable {
  /** True if nothing would be lost with it. */
  readonly unused: boolean
  /** Rejects with a GatewayError only. */
  send(ctx: RequestContext, attempt: Attempt): Awaitable<GatewayResponse>
}

/** Connections to the endpoints of one service, whatever they speak. */
export class PooledTransport implements Transport, Disposable {
  readonly #makePool: (url: URL) => ConnectionPool
  readonly #pools = new Map<Endpoint, ConnectionPool>()
  #disposed = false

  constructor(makePool: (url: URL) => ConnectionPool) {
    this.#makePool = makePool
  }

  /** Endpoints to which there are connections, or were a moment ago. */
  get pools(): number {
    return this.#pools.size
  }

  send(ctx: RequestContext, attempt: Attempt): Awaitable<GatewayResponse> {
    return this.#poolOf(attempt.endpoint).send(ctx, attempt)
  }

  [Symbol.dispose](): void {
    this.#disposed = true
    for (const pool of this.#pools.values()) pool[Symbol.dispose]()
    this.#pools.clear()
  }

  #poolOf(endpoint: Endpoint): ConnectionPool {
    const known = this.#pools.get(endpoint)
    if (known !== undefined) return known
    this.#forgetUnused()
    const pool = this.#makePool(endpoint.url)
    if (this.#disposed) pool[Symbol.dispose]()
    else this.#pools.set(endpoint, pool)
    return pool
  }

  /** Endpoints come and go; their pools must not pile up. */
  #forgetUnused(): void {
    for (const [endpoint, pool] of this.#pools) if (pool.unused) this.#pools.delete(endpoint)
  }
}
