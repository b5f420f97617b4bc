/** What else a configuration says; each is the content of its block, in HCL. */
export interface AroundMiddleware {
  /** Beside the address of the entrypoint. */
  readonly entrypoint?: string
  /** Which requests the router takes. Default all. */
  readonly rule?: string
}

/**
 * A configuration as users write it: one entrypoint, one router, one middleware, one service. For
 * tests that go all the way, from the text to sockets. The middleware is called `tested`.
 *
 * @param url Where the service is.
 * @param middleware Content of its block, `type` included.
 */
export function gatewayFile(
  url: string,
  middleware: string,
  around: AroundMiddleware = {},
): string {
  const { entrypoint = '', rule = 'PathPrefix(`/`)' } = around
  return `
    entrypoints "web" {
      address = "127.0.0.1:0"
      ${entrypoint}
    }
    routers "all" {
      rule        = ${JSON.stringify(rule)}
      service     = "app"
      middlewares = ["tested"]
    }
    middlewares "tested" {
      ${middleware}
    }
    services "app" {
      load_balancer {
        servers = [{ url = "${url}" }]
      }
    }
  `
}

/** A server of {@link poolFile}: its URL, with its weight if that is not 1. */
export type PoolServer = string | { readonly url: string; readonly weight?: number }

/** What else a configuration says; blocks and keys are in HCL. */
export interface AroundPool {
  /** Beside the servers in the `load_balancer` block. */
  readonly balancing?: string
  /** Beside the `load_balancer` block of the service. */
  readonly service?: string
  /** Names for the router. */
  readonly middlewares?: readonly string[]
  /** Further blocks at top level. */
  readonly blocks?: string
}

/**
 * The same for tests of what a service does: one entrypoint, one router for all requests, and the
 * service `pool` with these servers.
 */
export function poolFile(servers: readonly PoolServer[], around: AroundPool = {}): string {
  const { balancing = '', service = '', middlewares = [], blocks = '' } = around
  const listed = servers.map((server) => {
    const { url, weight = 1 } = typeof server === 'string' ? { url: server } : server
    return `{ url = "${url}", weight = ${weight} }`
  })
  return `
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "all" {
      rule        = "PathPrefix(\`/\`)"
      service     = "pool"
      middlewares = ${JSON.stringify(middlewares)}
    }
    services "pool" {
      load_balancer {
        servers = [${listed.join(', ')}]
        ${balancing}
      }
      ${service}
    }
    ${blocks}
  `
}
