/**
 * The upstream servers of a service: their counters, their health, and who can be picked.
 *
 * @module
 */
import type { Endpoint, EndpointPool } from './service.ts'

/** An upstream server with its counters. Lives as long as some configuration names it. */
export class LiveEndpoint implements Endpoint, Disposable {
  readonly url: URL
  /** Of the URL, with its colon; a URL would cut it out again each time. */
  readonly protocol: string
  weight: number
  active = 0
  readonly #objectors = new Set<string>()
  readonly #pools = new Set<LivePool>()

  constructor(url: URL, weight: number) {
    this.url = url
    this.protocol = url.protocol
    this.weight = weight
  }

  get healthy(): boolean {
    return this.#objectors.size === 0
  }

  setHealthy(checker: string, healthy: boolean): void {
    const before = this.healthy
    if (healthy) this.#objectors.delete(checker)
    else this.#objectors.add(checker)
    if (this.healthy !== before) for (const pool of this.#pools) pool.refresh()
  }

  joinPool(pool: LivePool): void {
    this.#pools.add(pool)
  }

  leavePool(pool: LivePool): void {
    this.#pools.delete(pool)
  }

  [Symbol.dispose](): void {
    this.#pools.clear()
  }
}

/** What a pool is filled with. */
export interface EndpointTarget {
  readonly url: URL
  readonly weight: number
}

/** Where endpoints live on while some configuration holds them. */
export interface EndpointStore {
  /** Holds the endpoint of that key, made by `create` if there is none. */
  keep(key: string, create: () => LiveEndpoint): LiveEndpoint
  letGo(key: string): void
}

/** The endpoints of one service in one configuration. */
export class LivePool implements EndpointPool {
  all: readonly LiveEndpoint[] = []
  available: readonly LiveEndpoint[] = []
  readonly #service: string
  readonly #store: EndpointStore
  #held: ReadonlyMap<string, LiveEndpoint> = new Map()
  #targets: readonly EndpointTarget[] = []
  #closed = false

  constructor(service: string, store: EndpointStore) {
    this.#service = service
    this.#store = store
  }

  setHealthy(endpoint: Endpoint, checker: string, healthy: boolean): void {
    this.all.find((candidate) => candidate === endpoint)?.setHealthy(checker, healthy)
  }

  update(targets: readonly EndpointTarget[]): void {
    // Whoever finds endpoints for a configuration that is gone has not heard of that yet.
    if (this.#closed) return
    this.fill(targets)
    this.activate()
  }

  /** Finds or makes the endpoints, and changes nothing that a running configuration sees. */
  fill(targets: readonly EndpointTarget[]): void {
    const ordinals = new Map<string, number>()
    const held = new Map<string, LiveEndpoint>()
    this.#targets = targets
    this.all = targets.map(({ url, weight }) => {
      // Two servers with one URL are two endpoints.
      const ordinal = ordinals.get(url.href) ?? 0
      ordinals.set(url.href, ordinal + 1)
      const key = `endpoint:${this.#service}:${url.href}:${ordinal}`
      const endpoint =
        this.#held.get(key) ?? this.#store.keep(key, () => new LiveEndpoint(url, weight))
      held.set(key, endpoint)
      return endpoint
    })
    for (const [key, endpoint] of this.#held) {
      if (held.has(key)) continue
      endpoint.leavePool(this)
      this.#store.letGo(key)
    }
    this.#held = held
    this.refresh()
  }

  /** Gives the endpoints the weights of this configuration and follows their health. */
  activate(): void {
    this.all.forEach((endpoint, index) => {
      endpoint.weight = this.#targets[index]?.weight ?? endpoint.weight
      endpoint.joinPool(this)
    })
    this.refresh()
  }

  /** Puts `available` together anew. */
  refresh(): void {
    this.available = this.all.filter(({ healthy, weight }) => healthy && weight > 0)
  }

  /** The configuration is gone. */
  close(): void {
    this.#closed = true
    for (const endpoint of this.all) endpoint.leavePool(this)
  }
}
