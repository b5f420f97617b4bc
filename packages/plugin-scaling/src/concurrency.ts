import { type Endpoint, type EndpointPool, FollowedPool } from '@gatewright/kernel'

const owner = 'container_concurrency'

/** How many exchanges each server of a service may work on. Lives on over reloads. */
export class Concurrency implements Disposable {
  readonly #pool = new FollowedPool()
  #limit: number | undefined = undefined
  #limited: readonly Endpoint[] = []

  /** From now on it holds for the servers of this pool, those to come included. */
  follow(pool: EndpointPool, limit: number): void {
    this.#limited = []
    this.#limit = limit === 0 ? undefined : limit
    this.#pool.follow(pool, () => this.#apply(pool))
    this.#apply(pool)
  }

  /** The servers of this pool work on as much as they are given again, if it is still followed. */
  leave(pool: EndpointPool): void {
    if (!this.#pool.leave(pool)) return
    for (const endpoint of this.#limited) pool.setLimit(endpoint, owner, undefined)
  }

  [Symbol.dispose](): void {
    this.#pool[Symbol.dispose]()
  }

  #apply(pool: EndpointPool): void {
    const { all } = pool
    // Most changes concern who is busy or healthy, not who is there.
    if (all === this.#limited) return
    this.#limited = all
    for (const endpoint of all) pool.setLimit(endpoint, owner, this.#limit)
  }
}
