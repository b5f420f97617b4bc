import {
  type ConfigProblem,
  definePlugin,
  type GatewayConfigInput,
  type Plugin,
  type TransportFactory,
} from '@gatewright/kernel'
import {
  inMemory,
  type MemoryGateway,
  startMemoryGateway,
  validateInMemory,
} from './memory-gateway.ts'
import { type Owner, optionsChecked, type WrittenOptions } from './mount-middleware.ts'

/** A transport behind an entrypoint in memory. */
export interface MountedTransport extends Omit<MemoryGateway, 'apply' | 'upstream'> {
  readonly reload: (options: WrittenOptions) => Promise<void>
}

const at = ['services', 'upstream', 'load_balancer']

/** Puts a transport into a real gateway in front of one server. Throws GW_INVALID_OPTIONS. */
export async function mountTransport<O>(
  factory: TransportFactory<O>,
  options: WrittenOptions,
  url: string,
  plugins: readonly Plugin[] = [],
  owner: Owner<TransportFactory> = pluginOf,
): Promise<MountedTransport> {
  const {
    apply,
    upstream: _,
    ...mounted
  } = await optionsChecked(at, () =>
    startMemoryGateway({
      plugins: [owner(factory), ...plugins],
      config: configOf(options, url),
    }),
  )
  return { ...mounted, reload: (next) => optionsChecked(at, () => apply(configOf(next, url))) }
}

/** What a check of a configuration with this transport says. */
export function validateTransport<O>(
  factory: TransportFactory<O>,
  options: WrittenOptions,
  url: string,
  owner: Owner<TransportFactory> = pluginOf,
): Promise<readonly ConfigProblem[]> {
  return validateInMemory([owner(factory)], inMemory(configOf(options, url)))
}

function pluginOf(factory: TransportFactory): Plugin<undefined> {
  return definePlugin({
    name: 'mounted',
    setup: (gateway) => gateway.transports.register(factory),
  })
}

function configOf(options: WrittenOptions, url: string): GatewayConfigInput {
  return {
    routers: { mounted: { rule: 'any', service: 'upstream' } },
    services: {
      upstream: { load_balancer: { ...options, strategy: 'memory', servers: [{ url }] } },
    },
  }
}
