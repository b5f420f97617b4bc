import { type EndpointPool, FollowedPool, type Scope } from '@gatewright/kernel'

/** Which of the two services has the turn. Lives on over reloads. */
export class Takeover implements Disposable {
  readonly #log: Scope['log']
  readonly #spare: string
  readonly #recoverAfterMs: number
  readonly #pool = new FollowedPool()
  #down = false
  #active = false
  /** `performance.now()` when the service was last found up again. */
  #upSince = 0

  /** @param spare Name of the service that takes over. */
  constructor(spare: string, recoverAfterMs: number, log: Scope['log']) {
    this.#spare = spare
    this.#recoverAfterMs = recoverAfterMs
    this.#log = log
  }

  /** From now on the servers of this pool decide. */
  follow(pool: EndpointPool): void {
    this.#pool.follow(pool, () => this.#look(pool))
    this.#look(pool)
  }

  /** True while the other service is to be used. Costs nothing while the service is up. */
  get active(): boolean {
    if (this.#active && !this.#down && performance.now() - this.#upSince >= this.#recoverAfterMs) {
      this.#end()
    }
    return this.#active
  }

  [Symbol.dispose](): void {
    this.#pool[Symbol.dispose]()
  }

  #look({ all }: EndpointPool): void {
    // A service whose servers are only busy is not down.
    const down = !all.some(({ healthy, weight }) => healthy && weight > 0)
    if (down === this.#down) return
    this.#down = down
    if (down) return this.#begin()
    this.#upSince = performance.now()
    if (this.#recoverAfterMs === 0) this.#end()
  }

  #begin(): void {
    if (this.#active) return
    this.#active = true
    this.#log.warn({ failover: this.#spare }, 'service is down; its failover takes over')
  }

  #end(): void {
    this.#active = false
    this.#log.info({ failover: this.#spare }, 'service is up; its failover rests')
  }
}
