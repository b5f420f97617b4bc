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
import { optionsChecked, type WrittenOptions } from './mount-middleware.ts'

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
): Promise<MountedTransport> {
  const {
    apply,
    upstream: _,
    ...mounted
  } = await optionsChecked(at, () =>
    startMemoryGateway({
      plugins: [pluginOf(factory), ...plugins],
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
): Promise<readonly ConfigProblem[]> {
  return validateInMemory([pluginOf(factory)], inMemory(configOf(options, url)))
}

function pluginOf<O>(factory: TransportFactory<O>): Plugin<undefined> {
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
