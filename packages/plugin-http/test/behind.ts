import { definePlugin, type Endpoint, type Middleware, type Plugin } from '@gatewright/kernel'
import { startGateway, type TestGateway, type Upstream } from '@gatewright/testing'

/** How the gateway in front of an upstream differs from the plainest one. */
export interface Setup {
  /** Keys of the entrypoint beside `address`. */
  readonly entrypoint?: Readonly<Record<string, unknown>>
  /** Keys of `load_balancer` beside `servers`. */
  readonly balancer?: Readonly<Record<string, unknown>>
  /** Behind the URL of the upstream. */
  readonly basePath?: string
  /** The only middleware of the router. */
  readonly middleware?: Middleware
  readonly plugins?: readonly Plugin[]
  readonly pendingTimeoutMs?: number
  readonly share?: number
  readonly address?: string
}

/** A gateway with one entrypoint, one router and one server. */
export interface Front extends TestGateway {
  /** The server, with its counter. */
  readonly endpoint: () => Endpoint
}

/** Starts a gateway in front of an upstream. */
export async function startBehind(
  { url }: Pick<Upstream, 'url'>,
  setup: Setup = {},
): Promise<Front> {
  const { middleware, plugins = [], pendingTimeoutMs, share } = setup
  const started = await startGateway(configFor(url, setup), {
    plugins: [...plugins, ...(middleware === undefined ? [] : [scripted(middleware)])],
    ...(pendingTimeoutMs !== undefined && { pendingTimeoutMs }),
    ...(share !== undefined && { share }),
  })
  const endpoint = (): Endpoint => {
    const [first] = started.gateway.snapshot.services.get('app')?.pool.all ?? []
    if (first === undefined) throw new Error('the service has no server')
    return first
  }
  return { ...started, endpoint }
}

/** The configuration that {@link startBehind} uses, for reloads. */
export function configFor(url: string, setup: Setup = {}): Record<string, unknown> {
  const { entrypoint, balancer, basePath = '', middleware, address = '127.0.0.1:0' } = setup
  const servers = [{ url: url + basePath }]
  return {
    // Nothing here is worth waiting for when the gateway stops.
    shutdown_timeout_secs: 1,
    entrypoints: { web: { address, ...entrypoint } },
    routers: {
      all: {
        rule: 'PathPrefix(`/`)',
        service: 'app',
        ...(middleware !== undefined && { middlewares: ['scripted'] }),
      },
    },
    ...(middleware !== undefined && { middlewares: { scripted: { type: 'scripted' } } }),
    services: { app: { load_balancer: { ...balancer, servers } } },
  }
}

/** A plugin with the middleware type `scripted`, which is the given one. */
function scripted(middleware: Middleware): Plugin<undefined> {
  return definePlugin({
    name: 'scripted',
    setup: (gateway) =>
      gateway.middlewares.register({
        type: 'scripted',
        schema: { type: 'object', additionalProperties: false, properties: {} },
        create: () => middleware,
      }),
  })
}
