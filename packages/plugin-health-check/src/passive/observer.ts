import type { Endpoint, EndpointPool, Scope } from '@gatewright/kernel'
import type { PassiveHealthOptions } from '../options.ts'
import { type ServerActions, WatchedServer } from './watched-server.ts'

/** Tells observers of one endpoint apart, of which there are two while one takes over. */
let observers = 0

/** Judges the servers of one service by their answers. Lives on over reloads. */
export class Observer implements Disposable {
  readonly #name = `passive_health ${++observers}`
  readonly #options: PassiveHealthOptions
  readonly #log: Scope['log']
  readonly #servers = new Map<Endpoint, WatchedServer>()
  #pool: EndpointPool | undefined = undefined
  #following: Disposable | undefined = undefined
  #all: readonly Endpoint[] = []

  constructor(options: PassiveHealthOptions, log: Scope['log']) {
    this.#options = options
    this.#log = log
  }

  /** From now on the servers of this pool are judged. */
  follow(pool: EndpointPool): void {
    this.#following?.[Symbol.dispose]()
    this.#pool = pool
    this.#following = pool.onChange(() => this.#look(pool))
    this.#look(pool)
  }

  /** Nobody is out any more, if this pool is still followed. */
  leave(pool: EndpointPool): void {
    if (pool !== this.#pool) return
    this.#following?.[Symbol.dispose]()
    this.#pool = undefined
    this.#all = []
    for (const [endpoint, server] of this.#servers) {
      server.stop()
      pool.setHealthy(endpoint, this.#name, true)
      pool.setLimit(endpoint, this.#name, undefined)
    }
    this.#servers.clear()
  }

  /** An attempt has ended. */
  record(endpoint: Endpoint, failed: boolean, startedAt: number): void {
    const known = this.#servers.get(endpoint)
    // Most servers never fail, and are none of our business.
    if (known === undefined && !failed) return
    const server = known ?? this.#watch(endpoint)
    server?.record(failed, startedAt, performance.now())
  }

  [Symbol.dispose](): void {
    this.#following?.[Symbol.dispose]()
    for (const server of this.#servers.values()) server.stop()
    this.#servers.clear()
  }

  #look({ all }: EndpointPool): void {
    if (all === this.#all) return
    this.#all = all
    for (const [endpoint, server] of this.#servers) {
      if (all.includes(endpoint)) continue
      server.stop()
      this.#servers.delete(endpoint)
    }
  }

  /** `undefined` for a server that is none of the service's any more. */
  #watch(endpoint: Endpoint): WatchedServer | undefined {
    if (!this.#all.includes(endpoint)) return undefined
    const server = new WatchedServer(this.#options, this.#actionsFor(endpoint))
    this.#servers.set(endpoint, server)
    return server
  }

  #actionsFor(endpoint: Endpoint): ServerActions {
    const fields = { endpoint: endpoint.url.href, check: 'passive' }
    return {
      eject: (forMs) => {
        if (!this.#mayEject()) return false
        this.#log.warn({ ...fields, forMs }, 'server is unhealthy')
        this.#pool?.setLimit(endpoint, this.#name, undefined)
        this.#pool?.setHealthy(endpoint, this.#name, false)
        return true
      },
      tryOut: () => {
        this.#log.info(fields, 'server is tried out')
        // What runs there since before, such as a long stream, must not stand in the way.
        const limit = endpoint.active + this.#options.half_open_requests
        this.#pool?.setLimit(endpoint, this.#name, limit)
        this.#pool?.setHealthy(endpoint, this.#name, true)
      },
      restore: () => {
        this.#log.info(fields, 'server is healthy')
        this.#pool?.setLimit(endpoint, this.#name, undefined)
      },
    }
  }

  #mayEject(): boolean {
    const allowed = Math.floor((this.#all.length * this.#options.max_ejected_percent) / 100)
    let out = 0
    for (const { state } of this.#servers.values()) if (state === 'out') out++
    return out < allowed
  }
}
