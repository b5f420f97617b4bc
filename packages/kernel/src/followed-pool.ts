/**
 * Following the endpoints of a service over reloads.
 *
 * @module
 */
import type { EndpointPool } from './service.ts'

/**
 * The endpoints that something follows which is kept over reloads (`scope.keep`): those of the active
 * configuration. To be told of them by {@link FollowedPool.follow} in `scope.onActivate` and by
 * {@link FollowedPool.leave} in `scope.onDeactivate`; a configuration that takes over comes before
 * the one that goes.
 */
export class FollowedPool implements Disposable {
  #current: EndpointPool | undefined = undefined
  #following: Disposable | undefined = undefined

  /** `undefined` before the first configuration and after the last. */
  get current(): EndpointPool | undefined {
    return this.#current
  }

  /** Follows this pool in place of the former one. */
  follow(pool: EndpointPool, onChange: () => void): void {
    this.#following?.[Symbol.dispose]()
    this.#current = pool
    this.#following = pool.onChange(onChange)
  }

  /** Follows nothing any more. False if another pool has taken the place of this one already. */
  leave(pool: EndpointPool): boolean {
    if (pool !== this.#current) return false
    this[Symbol.dispose]()
    return true
  }

  [Symbol.dispose](): void {
    this.#following?.[Symbol.dispose]()
    this.#following = undefined
    this.#current = undefined
  }
}
