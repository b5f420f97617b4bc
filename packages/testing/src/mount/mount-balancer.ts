import {
  type Awaitable,
  type BalancerFactory,
  type ConfigProblem,
  defineMiddleware,
  definePlugin,
  type EndpointPool,
  type GatewayConfigInput,
  type GatewayResponse,
  type Handler,
  type Plugin,
  type RequestContext,
  type Service,
} from '@gatewright/kernel'
import {
  inMemory,
  type MemoryGateway,
  startMemoryGateway,
  validateInMemory,
} from './memory-gateway.ts'
import { type Owner, optionsChecked, type WrittenOptions } from './mount-middleware.ts'

/** Header field that tells how often a request is tried. */
export const triesField = 'x-tries'

/** A server of the pool, by its name; weight 1 unless given. */
export type MountedServer = string | { readonly name: string; readonly weight: number }

/** A balancer in front of servers in memory. */
export interface MountedBalancer extends Omit<MemoryGateway, 'apply'> {
  /** Of the present configuration. */
  readonly service: () => Service
  readonly pool: () => EndpointPool
  readonly reload: (options: WrittenOptions) => Promise<void>
}

const at = ['services', 'balanced', 'load_balancer']

/** Puts a strategy into a real gateway without sockets. Throws GW_INVALID_OPTIONS. */
export async function mountBalancer<O>(
  factory: BalancerFactory<O>,
  options: WrittenOptions,
  servers: readonly MountedServer[],
  owner?: Owner<BalancerFactory>,
): Promise<MountedBalancer> {
  const config = (written: WrittenOptions) => configOf(factory.type, written, servers)
  const { apply, ...mounted } = await optionsChecked(at, () =>
    startMemoryGateway({ plugins: pluginsOf(factory, owner), config: config(options) }),
  )
  const service = (): Service => {
    const found = mounted.gateway.snapshot.services.get('balanced')
    if (found === undefined) throw new Error('the configuration has lost its service')
    return found
  }
  return {
    ...mounted,
    service,
    pool: () => service().pool,
    reload: (next) => optionsChecked(at, () => apply(config(next))),
  }
}

/** What a check of a configuration with this strategy says. */
export function validateBalancer<O>(
  factory: BalancerFactory<O>,
  options: WrittenOptions,
  owner?: Owner<BalancerFactory>,
): Promise<readonly ConfigProblem[]> {
  const config = inMemory(configOf(factory.type, options, ['a']))
  return validateInMemory(pluginsOf(factory, owner), config)
}

/** The URL of a server in the pool. */
export function serverUrl(name: string): string {
  return `memory://${name}`
}

function pluginsOf<O>(
  factory: BalancerFactory<O>,
  owner: Owner<BalancerFactory> = pluginOf,
): readonly Plugin[] {
  const trying = definePlugin({
    name: 'again',
    setup: (gateway) => gateway.middlewares.register(again),
  })
  return [owner(factory), trying]
}

function pluginOf(factory: BalancerFactory): Plugin<undefined> {
  return definePlugin({
    name: 'mounted',
    setup: (gateway) => gateway.balancers.register(factory),
  })
}

function configOf(
  strategy: string,
  options: WrittenOptions,
  servers: readonly MountedServer[],
): GatewayConfigInput {
  const listed = servers.map((server) =>
    typeof server === 'string'
      ? { url: serverUrl(server) }
      : { url: serverUrl(server.name), weight: server.weight },
  )
  return {
    routers: { mounted: { rule: 'any', service: 'balanced', middlewares: ['again'] } },
    services: { balanced: { load_balancer: { ...options, strategy, servers: listed } } },
    middlewares: { again: { type: 'again' } },
  }
}

/** Sends a request as often as its own field says, so that a balancer sees earlier attempts. */
const again = defineMiddleware<object>({
  type: 'again',
  schema: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({ around: (ctx, next) => trySeveralTimes(ctx, next) }),
})

async function trySeveralTimes(ctx: RequestContext, next: Handler): Promise<GatewayResponse> {
  let response: Awaitable<GatewayResponse> = next(ctx)
  const tries = Number(ctx.request.headers.get(triesField) ?? 1)
  for (let i = 1; i < tries; i++) {
    const previous = await response
    previous.discard()
    response = next(ctx)
  }
  return response
}
