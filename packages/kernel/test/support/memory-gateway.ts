/**
 * A gateway whose entrypoints and upstreams live in memory.
 */
import type { GatewayConfigInput } from '../../src/config.ts'
import { Gateway } from '../../src/gateway.ts'
import type { GatewayOptions } from '../../src/gateway-options.ts'
import type { ConfigInput } from '../../src/merged-config.ts'
import { defineMiddleware, type Middleware, type MiddlewareFactory } from '../../src/middleware.ts'
import { definePlugin, type Plugin, type PluginGateway } from '../../src/plugin.ts'
import type { ReloadReport } from '../../src/reload-report.ts'
import type { Scope } from '../../src/scope.ts'
import type { RequestInit } from './contexts.ts'
import { type MemoryLog, memoryLog } from './logs.ts'
import { MemoryNetwork, type MemoryServer, type Reply } from './memory-network.ts'
import { prefixRouting } from './memory-routing.ts'
import { firstBalancer, MemoryUpstream } from './memory-upstream.ts'

/** A gateway and the world around it. */
export class MemoryGateway implements AsyncDisposable {
  readonly network = new MemoryNetwork()
  readonly upstream = new MemoryUpstream()
  readonly logs: MemoryLog = memoryLog()
  readonly gateway: Gateway

  /** Not started yet. */
  constructor(plugins: readonly Plugin[] = [], options: GatewayOptions = {}) {
    this.gateway = new Gateway({
      log: this.logs.log,
      ...options,
      plugins: [this.#basics(), ...plugins],
    })
  }

  /** The server at 127.0.0.1:80, which is the entrypoint `web` of {@link plainConfig}. */
  get web(): MemoryServer {
    return this.network.at('127.0.0.1:80')
  }

  send(init?: RequestInit): Promise<Reply> {
    return this.web.send(init)
  }

  /** Applies a configuration, and builds it anew even if it is the one that is active. */
  reload(config: ConfigInput): Promise<ReloadReport> {
    return this.gateway.reload(config, { force: true, quiet: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway.shutdown()
  }

  #basics(): Plugin {
    return definePlugin({
      name: 'basics',
      setup: (gateway) => {
        gateway.protocols.register(this.network.http)
        gateway.protocols.register(this.network.tcp)
        gateway.transports.register(this.upstream.transport)
        gateway.routings.register(prefixRouting)
        gateway.balancers.register(firstBalancer)
      },
    })
  }
}

/** Starts a gateway with {@link plainConfig} and what is put over it. */
export async function startMemory(
  config: GatewayConfigInput = {},
  plugins: readonly Plugin[] = [],
  options: GatewayOptions = {},
): Promise<MemoryGateway> {
  const memory = new MemoryGateway(plugins, options)
  await memory.gateway.start(plainConfig(config))
  return memory
}

/** One entrypoint, one router, one service; sections given here replace those. */
export function plainConfig(rest: GatewayConfigInput = {}): GatewayConfigInput {
  return {
    entrypoints: { web: { address: '127.0.0.1:80' } },
    routers: { app: { rule: '/', service: 'app' } },
    services: { app: service('http://app.test') },
    ...rest,
  }
}

/** A configuration in which the one router has these middlewares. */
export function chainConfig(
  middlewares: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): GatewayConfigInput {
  const names = Object.keys(middlewares)
  return plainConfig({
    routers: { app: { rule: '/', service: 'app', middlewares: names } },
    middlewares,
  })
}

/** A `services` block. */
export function service(...urls: readonly string[]): Readonly<Record<string, unknown>> {
  return { load_balancer: { servers: urls.map((url) => ({ url })) } }
}

/** A plugin made of a set-up function. */
export function plugin(
  name: string,
  setup: (gateway: PluginGateway) => void | Promise<void>,
): Plugin {
  return definePlugin({ name, setup })
}

/** A plugin with middleware types that take no options. */
export function middlewaresOf(
  types: Readonly<Record<string, (scope: Scope) => Middleware | Promise<Middleware>>>,
  name = 'test-middlewares',
): Plugin {
  return plugin(name, (gateway) => {
    for (const [type, create] of Object.entries(types)) {
      gateway.middlewares.register(bareMiddleware(type, create))
    }
  })
}

/** A middleware type that takes no options. */
export function bareMiddleware(
  type: string,
  create: (scope: Scope) => Middleware | Promise<Middleware>,
): MiddlewareFactory {
  return defineMiddleware<object>({
    type,
    schema: { type: 'object', additionalProperties: false, properties: {} },
    create: (_options, scope) => create(scope),
  })
}
