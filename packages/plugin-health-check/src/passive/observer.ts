import { type Endpoint, type EndpointPool, FollowedPool, type Scope } from '@gatewright/kernel'
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
  readonly #pool = new FollowedPool()
  #all: readonly Endpoint[] = []

  constructor(options: PassiveHealthOptions, log: Scope['log']) {
    this.#options = options
    this.#log = log
  }

  /** From now on the servers of this pool are judged. */
  follow(pool: EndpointPool): void {
    this.#pool.follow(pool, () => this.#look(pool))
    this.#look(pool)
  }

  /** Nobody is out any more, if this pool is still followed. */
  leave(pool: EndpointPool): void {
    if (!this.#pool.leave(pool)) return
    this.#all = []
    for (const [endpoint, server] of this.#servers) {
      server.stop()
      pool.setHealthy(endpoint, this.#name, true)
    }
    this.#servers.clear()
  }

  /** The server behind an endpoint; `undefined` as long as it has never failed. */
  find(endpoint: Endpoint): WatchedServer | undefined {
    return this.#servers.get(endpoint)
  }

  /** The same, watched from now on; `undefined` for one that the service has no more. */
  watch(endpoint: Endpoint): WatchedServer | undefined {
    const known = this.#servers.get(endpoint)
    if (known !== undefined || !this.#all.includes(endpoint)) return known
    const server = new WatchedServer(this.#options, this.#actionsFor(endpoint))
    this.#servers.set(endpoint, server)
    return server
  }

  [Symbol.dispose](): void {
    this.#pool[Symbol.dispose]()
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

  #actionsFor(endpoint: Endpoint): ServerActions {
    const fields = { endpoint: endpoint.url.href, check: 'passive' }
    return {
      mayEject: () => this.#mayEject(),
      admit: (admitted) => this.#pool.current?.setHealthy(endpoint, this.#name, admitted),
      announce: (state, forMs) => {
        if (state === 'out') this.#log.warn({ ...fields, forMs }, 'server is unhealthy')
        else if (state === 'trial') this.#log.info(fields, 'server is tried out')
        else this.#log.info(fields, 'server is healthy')
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
