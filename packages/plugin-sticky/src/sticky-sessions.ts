import type { EndpointPool } from '@gatewright/kernel'
import { EndpointNames } from './endpoint-names.ts'
import { StickyTable } from './sticky-table.ts'

/** The table of a service and who is in it. Lives on over reloads. */
export class StickySessions implements Disposable {
  readonly table: StickyTable
  readonly names: EndpointNames = new EndpointNames((url, ordinal) => `${url} ${ordinal}`)
  readonly #ttlMs: number
  /** Servers that sessions may be bound to. */
  #known: ReadonlySet<string> = new Set()

  constructor(ttlMs: number, maxSessions: number) {
    this.#ttlMs = ttlMs === 0 ? Number.POSITIVE_INFINITY : ttlMs
    this.table = new StickyTable(this.#ttlMs, maxSessions)
  }

  /**
   * Ends the sessions of servers that go, and of idle clients, until it is disposed.
   * @param dropsUnhealthy Whether those of servers that become unhealthy end as well.
   */
  follow(pool: EndpointPool, dropsUnhealthy: boolean): Disposable {
    const look = (): void => this.#look(pool, dropsUnhealthy)
    const following = pool.onChange(look)
    const sweep = (): unknown => this.table.evictExpired(performance.now())
    const timer = Number.isFinite(this.#ttlMs)
      ? setInterval(sweep, this.#ttlMs / 4).unref()
      : undefined
    look()
    return {
      [Symbol.dispose]: () => {
        following[Symbol.dispose]()
        clearInterval(timer)
      },
    }
  }

  [Symbol.dispose](): void {
    this.table.clear()
  }

  #look({ all }: EndpointPool, dropsUnhealthy: boolean): void {
    const known = new Set<string>()
    for (const endpoint of all) {
      const name = this.names.nameOf(endpoint, all)
      if (name !== undefined && (endpoint.healthy || !dropsUnhealthy)) known.add(name)
    }
    for (const name of this.#known) if (!known.has(name)) this.table.removeBackend(name)
    this.#known = known
  }
}
