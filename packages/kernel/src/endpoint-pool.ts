import type { Endpoint, EndpointPool } from './service.ts'

/** An upstream server with its counters. Lives as long as some configuration names it. */
export class LiveEndpoint implements Endpoint, Disposable {
  readonly url: URL
  weight: number
  active = 0
  readonly #objectors = new Set<string>()
  readonly #pools = new Set<LivePool>()

  constructor(url: URL, weight: number) {
    this.url = url
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

/** The endpoints of one service in one configuration. */
export class LivePool implements EndpointPool {
  all: readonly LiveEndpoint[] = []
  available: readonly LiveEndpoint[] = []
  #targets: readonly EndpointTarget[] = []
  /** Makes an endpoint, or hands on the one that an earlier configuration had. */
  readonly #keepEndpoint: (target: EndpointTarget, ordinal: number) => LiveEndpoint

  constructor(keepEndpoint: (target: EndpointTarget, ordinal: number) => LiveEndpoint) {
    this.#keepEndpoint = keepEndpoint
  }

  setHealthy(endpoint: Endpoint, checker: string, healthy: boolean): void {
    this.all.find((candidate) => candidate === endpoint)?.setHealthy(checker, healthy)
  }

  update(targets: readonly EndpointTarget[]): void {
    this.fill(targets)
    this.activate()
  }

  /** Finds or makes the endpoints, and changes nothing that a running configuration sees. */
  fill(targets: readonly EndpointTarget[]): void {
    const ordinals = new Map<string, number>()
    const next = targets.map((target) => {
      // Two servers with one URL are two endpoints.
      const ordinal = ordinals.get(target.url.href) ?? 0
      ordinals.set(target.url.href, ordinal + 1)
      return this.#keepEndpoint(target, ordinal)
    })
    for (const endpoint of this.all) if (!next.includes(endpoint)) endpoint.leavePool(this)
    this.#targets = targets
    this.all = next
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
    for (const endpoint of this.all) endpoint.leavePool(this)
  }
}
