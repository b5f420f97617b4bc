import {
  type Connection,
  type Exchange,
  type GatewayHooks,
  RequestContext,
  StreamContext,
} from '@gatewright/kernel'

/** What requests of one router came to. */
export interface RouterCounts {
  requests: number
  /** Answered with 400 or above. */
  errors: number
}

/** Counts what the answers tell that the kernel does not count, in one process. */
export class Counts {
  requests = 0
  readonly routers: Map<string, RouterCounts> = new Map()
  /** Open connections by entrypoint. */
  readonly open: Map<string, number> = new Map()

  connected(connection: Connection): void {
    const { entrypoint } = connection
    this.open.set(entrypoint, this.#openAt(entrypoint) + 1)
    connection.defer(() => void this.open.set(entrypoint, this.#openAt(entrypoint) - 1))
  }

  ended(exchange: Exchange): void {
    if (exchange instanceof RequestContext) this.requests++
    const router = exchange.route?.router
    if (router === undefined) return
    let counts = this.routers.get(router)
    if (counts === undefined) {
      counts = { requests: 0, errors: 0 }
      this.routers.set(router, counts)
    }
    counts.requests++
    if (isError(exchange)) counts.errors++
  }

  /** Forgets routers that are no longer configured. */
  follow(routers: Readonly<Record<string, unknown>>): void {
    for (const name of this.routers.keys()) {
      if (!Object.hasOwn(routers, name)) this.routers.delete(name)
    }
  }

  #openAt(entrypoint: string): number {
    return this.open.get(entrypoint) ?? 0
  }
}

const all = new WeakMap<GatewayHooks, Counts>()

/** Those of a gateway; `undefined` if its configuration never had a `management` block. */
export function countsOf({ hooks }: { readonly hooks: GatewayHooks }): Counts | undefined {
  return all.get(hooks)
}

/** Counts from now on, while the configuration has a `management` block. */
export function count(hooks: GatewayHooks, plugin: string): void {
  const counts = new Counts()
  all.set(hooks, counts)
  hooks.connection.tap(plugin, (connection) => {
    counts.connected(connection)
    return undefined
  })
  hooks.finish.tap(plugin, (exchange) => counts.ended(exchange))
  hooks.activate.tap(plugin, ({ config }) => counts.follow(config.routers))
}

function isError(exchange: Exchange): boolean {
  if (exchange instanceof RequestContext) return exchange.status >= 400
  return exchange instanceof StreamContext && exchange.refusal !== undefined
}
