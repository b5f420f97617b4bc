import type { Endpoint, EndpointPool } from '@gatewright/kernel'

/**
 * A pool seen by a strategy while too few of its endpoints are healthy: then all that have a weight
 * and are not full are available. As long as enough are healthy, it is the pool itself.
 */
export class PanicPool implements EndpointPool {
  readonly #pool: EndpointPool
  /** In percent. */
  readonly #threshold: number
  readonly #onPanic: (panicking: boolean, healthy: number, of: number) => void
  #all: readonly Endpoint[] = []
  #seen: readonly Endpoint[] = []
  #available: readonly Endpoint[] = []
  #panicking = false

  /**
   * @param threshold In percent.
   * @param onPanic Told when it begins and ends.
   */
  constructor(
    pool: EndpointPool,
    threshold: number,
    onPanic: (panicking: boolean, healthy: number, of: number) => void,
  ) {
    this.#pool = pool
    this.#threshold = threshold
    this.#onPanic = onPanic
  }

  get all(): readonly Endpoint[] {
    return this.#pool.all
  }

  get available(): readonly Endpoint[] {
    const { all, available } = this.#pool
    // Whatever makes a difference here replaces one of them.
    if (all !== this.#all || available !== this.#seen) this.#look(all, available)
    return this.#available
  }

  setHealthy(endpoint: Endpoint, checker: string, healthy: boolean): void {
    this.#pool.setHealthy(endpoint, checker, healthy)
  }

  setLimit(endpoint: Endpoint, owner: string, limit: number | undefined): void {
    this.#pool.setLimit(endpoint, owner, limit)
  }

  setShare(endpoint: Endpoint, owner: string, share: number | undefined): void {
    this.#pool.setShare(endpoint, owner, share)
  }

  onChange(fn: () => void): Disposable {
    return this.#pool.onChange(fn)
  }

  update(endpoints: readonly { readonly url: URL; readonly weight: number }[]): void {
    this.#pool.update(endpoints)
  }

  #look(all: readonly Endpoint[], available: readonly Endpoint[]): void {
    this.#all = all
    this.#seen = available
    const weighted = all.filter(({ weight }) => weight > 0)
    const healthy = weighted.filter((endpoint) => endpoint.healthy).length
    const panicking = healthy * 100 < this.#threshold * weighted.length
    this.#available = panicking ? weighted.filter(({ full }) => !full) : available
    if (panicking === this.#panicking) return
    this.#panicking = panicking
    this.#onPanic(panicking, healthy, weighted.length)
  }
}
