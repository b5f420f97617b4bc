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
