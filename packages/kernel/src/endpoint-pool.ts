/**
 * The upstream servers of a service: their counters, their health, and who can be picked.
 *
 * @module
 */
import { errors } from './errors.ts'
import type { Endpoint, EndpointPool } from './service.ts'

/** An upstream server with its counters. Lives as long as some configuration names it. */
export class LiveEndpoint implements Endpoint, Disposable {
  readonly url: URL
  /** Of the URL, with its colon; a URL would cut it out again each time. */
  readonly protocol: string
  weight: number
  configuredWeight: number
  active = 0
  #limit = Number.POSITIVE_INFINITY
  readonly #objectors = new Set<string>()
  readonly #limits = new Map<string, number>()
  readonly #shares = new Map<string, number>()
  readonly #pools = new Set<LivePool>()

  constructor(url: URL, weight: number) {
    this.url = url
    this.protocol = url.protocol
    this.weight = weight
    this.configuredWeight = weight
  }

  get healthy(): boolean {
    return this.#objectors.size === 0
  }

  get full(): boolean {
    return this.active >= this.#limit
  }

  /** One more exchange is in flight. */
  enter(): void {
    if (++this.active === this.#limit) this.#changed()
  }

  /** One less. */
  leave(): void {
    if (this.active-- === this.#limit) this.#changed()
  }

  setHealthy(checker: string, healthy: boolean): void {
    const before = this.healthy
    if (healthy) this.#objectors.delete(checker)
    else this.#objectors.add(checker)
    if (this.healthy !== before) this.#changed()
  }

  setLimit(owner: string, limit: number | undefined): void {
    const before = this.full
    if (limit === undefined) this.#limits.delete(owner)
    else if (limit >= 0) this.#limits.set(owner, limit)
    else throw errors.GW_INTERNAL({ problem: `${owner} limits an endpoint to ${limit} exchanges` })
    this.#limit = Math.min(Number.POSITIVE_INFINITY, ...this.#limits.values())
    if (this.full !== before) this.#changed()
  }

  setShare(owner: string, share: number | undefined): void {
    if (share === undefined || share === 1) this.#shares.delete(owner)
    else if (share > 0 && share < 1) this.#shares.set(owner, share)
    else throw errors.GW_INTERNAL({ problem: `${owner} gives an endpoint the share ${share}` })
    if (this.#weigh()) this.#changed()
  }

  /** What the configuration says. Its pools are not told. */
  configureWeight(weight: number): void {
    this.configuredWeight = weight
    this.#weigh()
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

  /** True if it has another weight now. */
  #weigh(): boolean {
    let weight = this.configuredWeight
    for (const share of this.#shares.values()) weight *= share
    if (weight === this.weight) return false
    this.weight = weight
    return true
  }

  #changed(): void {
    for (const pool of this.#pools) pool.refresh()
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
  readonly #onError: (error: unknown) => void
  readonly #listeners = new Set<() => void>()
  #closed = false

  /** @param onError Told what a listener throws: nobody else may suffer from that. */
  constructor(service: string, store: EndpointStore, onError: (error: unknown) => void) {
    this.#service = service
    this.#store = store
    this.#onError = onError
  }

  setHealthy(endpoint: Endpoint, checker: string, healthy: boolean): void {
    this.#find(endpoint)?.setHealthy(checker, healthy)
  }

  setLimit(endpoint: Endpoint, owner: string, limit: number | undefined): void {
    this.#find(endpoint)?.setLimit(owner, limit)
  }

  setShare(endpoint: Endpoint, owner: string, share: number | undefined): void {
    this.#find(endpoint)?.setShare(owner, share)
  }

  onChange(fn: () => void): Disposable {
    // The same function may be given twice.
    const listener = (): void => fn()
    if (!this.#closed) this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
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
      const target = this.#targets[index]
      if (target !== undefined) endpoint.configureWeight(target.weight)
      endpoint.joinPool(this)
    })
    this.refresh()
  }

  /** Puts `available` together anew. */
  refresh(): void {
    this.available = this.all.filter(
      (endpoint) => endpoint.healthy && !endpoint.full && endpoint.weight > 0,
    )
    for (const listener of this.#listeners) {
      try {
        listener()
      } catch (error) {
        this.#onError(error)
      }
    }
  }

  /** The configuration is gone. */
  close(): void {
    this.#closed = true
    this.#listeners.clear()
    for (const endpoint of this.all) endpoint.leavePool(this)
  }

  #find(endpoint: Endpoint): LiveEndpoint | undefined {
    return this.all.find((candidate) => candidate === endpoint)
  }
}
