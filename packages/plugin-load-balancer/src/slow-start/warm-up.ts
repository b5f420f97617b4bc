import { performance } from 'node:perf_hooks'
import { type Endpoint, type EndpointPool, FollowedPool } from '@gatewright/kernel'

/** Whose share it is, for {@link EndpointPool.setShare}. */
const owner = 'slow_start'
/** What an endpoint gets at first. */
const leastShare = 0.1
/** In so many steps a share grows. */
const steps = 20
/** Between two steps, in milliseconds, however short the time is. */
const shortestStep = 50

/**
 * Lets the shares of endpoints grow that have come up. Kept across reloads: it goes on where it was
 * with the endpoints that are still there. Its timer runs only while something grows.
 */
export class WarmUp implements Disposable {
  readonly #now: () => number
  readonly #pool = new FollowedPool()
  #durationMs = 0
  /** Whether endpoints were up when they were looked at last: healthy, with a weight above 0. */
  readonly #up = new Map<Endpoint, boolean>()
  /** When those came up that get less than their share. */
  readonly #growing = new Map<Endpoint, number>()
  #timer: NodeJS.Timeout | undefined = undefined
  #sharing = false

  /** @param now In milliseconds. Default `performance.now`. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /**
   * Takes over the endpoints of a configuration that has become the active one. The first ones of
   * all are taken for warm: nobody else could have the traffic meanwhile.
   */
  follow(pool: EndpointPool, durationMs: number): void {
    this.#stop()
    this.#durationMs = durationMs
    this.#pool.follow(pool, () => this.#look(pool))
    this.#look(pool)
    this.#keepTime()
  }

  /** All have their shares again, unless the endpoints of another configuration are followed. */
  leave(pool: EndpointPool): void {
    if (pool !== this.#pool.current) return
    this.#stop()
    for (const endpoint of this.#growing.keys()) this.#share(endpoint, undefined)
    this.#pool.leave(pool)
    this.#growing.clear()
    this.#up.clear()
  }

  [Symbol.dispose](): void {
    this.#pool[Symbol.dispose]()
    this.#stop()
  }

  /** Finds out who has come up. May be called for every exchange where endpoints are often full. */
  #look({ all }: EndpointPool): void {
    // Shares change the pool, which tells of that.
    if (this.#sharing) return
    const isFirst = this.#up.size === 0
    for (const endpoint of all) {
      const up = endpoint.healthy && endpoint.weight > 0
      if (this.#up.get(endpoint) === up) continue
      this.#up.set(endpoint, up)
      if (up && !isFirst) this.#begin(endpoint)
      else this.#end(endpoint)
    }
    if (this.#up.size > all.length) this.#forget(new Set(all))
  }

  #begin(endpoint: Endpoint): void {
    this.#growing.set(endpoint, this.#now())
    this.#share(endpoint, leastShare)
    this.#keepTime()
  }

  #end(endpoint: Endpoint): void {
    if (this.#growing.delete(endpoint)) this.#share(endpoint, undefined)
    if (this.#growing.size === 0) this.#stop()
  }

  #forget(present: ReadonlySet<Endpoint>): void {
    for (const endpoint of this.#up.keys()) {
      if (present.has(endpoint)) continue
      this.#up.delete(endpoint)
      this.#end(endpoint)
    }
  }

  #grow(): void {
    const now = this.#now()
    for (const [endpoint, since] of this.#growing) {
      const part = (now - since) / this.#durationMs
      if (part >= 1) this.#end(endpoint)
      // In whole steps, so that those who came up at about the same time are equal.
      else this.#share(endpoint, Math.max(leastShare, Math.floor(part * steps) / steps))
    }
  }

  #share(endpoint: Endpoint, share: number | undefined): void {
    this.#sharing = true
    try {
      this.#pool.current?.setShare(endpoint, owner, share)
    } finally {
      this.#sharing = false
    }
  }

  #keepTime(): void {
    if (this.#timer !== undefined || this.#growing.size === 0) return
    const stepMs = Math.max(shortestStep, this.#durationMs / steps)
    this.#timer = setInterval(() => this.#grow(), stepMs).unref()
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
