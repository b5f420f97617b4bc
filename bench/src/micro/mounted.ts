/**
 * Middlewares in a real gateway without sockets: hooks, chain and service are the kernel's, plugins
 * are found and options are checked as those of a configuration file.
 *
 * @module
 */
import {
  type Awaitable,
  definePlugin,
  Gateway,
  GatewayResponse,
  HeaderList,
  type Ingress,
  type OptionsSchema,
  type Plugin,
  type RequestContext,
} from '@gatewright/kernel'
import { createLoader } from '@gatewright/standard'
import { createConnection, createRequest } from './exchange.ts'

/** Blocks at top level, by their type. */
export type Sections = Readonly<Record<string, unknown>>

/** A `middlewares` block. */
export type Block = Readonly<Record<string, unknown>> & { readonly type: string }

/** A gateway with one route, which ends in an answer of 1 KiB. */
export interface Mounted extends AsyncDisposable {
  /** @param fields Of the request, in addition to the usual ones: name, value, … */
  readonly open: (fields: readonly string[]) => RequestContext
  readonly handle: (ctx: RequestContext) => Awaitable<GatewayResponse>
  readonly close: (ctx: RequestContext) => void
}

const noOptions: OptionsSchema<object> = {
  type: 'object',
  additionalProperties: false,
  properties: {},
}
/** A type that nobody has to compress. */
const fields = ['content-type', 'image/png', 'content-length', '1024']
const body = Buffer.alloc(1024)

/**
 * Starts it with the middleware of a block, or with none. Throws what `Gateway.start` throws.
 *
 * @param plugins Those that bring the type; default: the first-party ones.
 * @param sections What else the configuration has.
 */
export async function mount(
  block: Block | undefined,
  plugins: readonly Plugin[] = [],
  sections: Sections = {},
): Promise<Mounted> {
  const listening = Promise.withResolvers<Ingress>()
  const gateway = new Gateway({
    plugins: [inMemory(listening.resolve), ...plugins],
    loader: createLoader({ baseDir: process.cwd() }),
  })
  await gateway.start({
    ...sections,
    entrypoints: { memory: { address: '127.0.0.1:0', protocol: 'memory' } },
    routers: { app: { rule: 'any', service: 'app', middlewares: block ? ['measured'] : [] } },
    middlewares: block ? { measured: block } : {},
    services: {
      app: { load_balancer: { strategy: 'memory', servers: [{ url: 'memory://app' }] } },
    },
  })
  const ingress = await listening.promise
  const connection = createConnection(ingress.snapshot)
  return {
    open: (more) =>
      ingress.openRequest(connection, createRequest('example.com', '/users/42?page=2', more)),
    handle: (ctx) => ingress.handle(ctx),
    close: (ctx) => ingress.close(ctx),
    [Symbol.asyncDispose]: () => gateway.shutdown(),
  }
}

/** What stands in for sockets and for the choice of routes and servers, none of which is measured. */
function inMemory(onCreate: (ingress: Ingress) => void): Plugin<undefined> {
  return definePlugin({
    name: 'bench-memory',
    setup(gateway) {
      gateway.protocols.register({
        type: 'memory',
        kind: 'http',
        network: 'tcp',
        schema: noOptions,
        create(_address, _options, ingress) {
          onCreate(ingress)
          return {
            listen: async () => ({ address: 'memory', port: 0 }),
            configure: () => undefined,
            release: async () => undefined,
            drain: async () => undefined,
          }
        },
      })
      gateway.routings.register({
        type: 'memory',
        schema: noOptions,
        build: (routers) => () => routers[0]?.route,
      })
      gateway.balancers.register({
        type: 'memory',
        schema: noOptions,
        create: () => ({ pick: ({ available }) => available[0] }),
      })
      gateway.transports.register({
        type: 'memory',
        schemes: ['memory'],
        schema: noOptions,
        create: () => ({ send: answer }),
      })
    },
  })
}

/** At once, so that nothing waits but what has to. */
function answer(): GatewayResponse {
  return new GatewayResponse({ status: 200, headers: new HeaderList([...fields]), body })
}
