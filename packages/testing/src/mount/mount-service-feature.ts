import {
  type ConfigProblem,
  definePlugin,
  type GatewayConfigInput,
  type Plugin,
  type Service,
  type ServiceFeatureFactory,
} from '@gatewright/kernel'
import type { Script } from '../memory/memory-script.ts'
import type { Terminal } from '../memory/memory-upstream.ts'
import {
  inMemory,
  type MemoryGateway,
  startMemoryGateway,
  validateInMemory,
} from './memory-gateway.ts'
import { type Owner, optionsChecked } from './mount-middleware.ts'

/** What stands around a mounted service feature. */
export interface FeatureMountOptions {
  /** Names of the servers of the service. Default `a` and `b`. */
  readonly servers?: readonly string[]
  /** What the servers do. Default 200 without a body. */
  readonly upstream?: Script
  /** Takes the place of the servers altogether; `upstream` is not asked then. */
  readonly terminal?: Terminal
  /** Further plugins, such as one that has another feature. */
  readonly plugins?: readonly Plugin[]
  /** Further blocks, such as a second service with {@link memoryServers}. */
  readonly config?: GatewayConfigInput
  /** Makes the plugin that brings the feature. Default: one that brings nothing else. */
  readonly owner?: Owner<ServiceFeatureFactory> | undefined
}

/** A service feature in front of servers in memory. */
export interface MountedFeature extends Omit<MemoryGateway, 'apply'> {
  /** Of the present configuration. @param name Default `featured`, the one with the feature. */
  readonly service: (name?: string) => Service
  /** The same service with other options of the feature, or without it. */
  readonly reload: (options: unknown) => Promise<void>
}

/** The `load_balancer` block of a service whose servers are in memory, by their names. */
export function memoryServers(...names: readonly string[]): {
  readonly strategy: string
  readonly servers: readonly { readonly url: string }[]
} {
  return { strategy: 'memory', servers: names.map((name) => ({ url: `memory://${name}` })) }
}

/**
 * Puts a service feature into a real gateway without sockets: its options are validated as in a
 * configuration. Throws GW_INVALID_OPTIONS, with all problems, if they are refused.
 * @param options The block, or the value of a feature that is a single key.
 */
export async function mountServiceFeature<O>(
  factory: ServiceFeatureFactory<O>,
  options: unknown = {},
  mount: FeatureMountOptions = {},
): Promise<MountedFeature> {
  const at = pathOf(factory)
  const { apply, ...mounted } = await optionsChecked(at, () =>
    startMemoryGateway({
      ...mount,
      plugins: pluginsOf(factory, mount),
      config: configOf(factory, options, mount),
    }),
  )
  return {
    ...mounted,
    service: (name = 'featured') => {
      const found = mounted.gateway.snapshot.services.get(name)
      if (found === undefined) throw new Error(`the configuration has no service "${name}"`)
      return found
    },
    reload: (next) => optionsChecked(at, () => apply(configOf(factory, next, mount))),
  }
}

/** What a check of a configuration with this feature says; throws nothing for problems. */
export function validateServiceFeature<O>(
  factory: ServiceFeatureFactory<O>,
  options: unknown,
  mount: FeatureMountOptions = {},
): Promise<readonly ConfigProblem[]> {
  return validateInMemory(pluginsOf(factory, mount), inMemory(configOf(factory, options, mount)))
}

function pathOf<O>({ parent, type }: ServiceFeatureFactory<O>): string[] {
  const service = ['services', 'featured']
  return parent === 'service' ? [...service, type] : [...service, 'load_balancer', type]
}

function pluginsOf<O>(
  factory: ServiceFeatureFactory<O>,
  { owner = pluginOf, plugins = [] }: FeatureMountOptions,
): readonly Plugin[] {
  return [owner(factory), ...plugins]
}

function pluginOf(factory: ServiceFeatureFactory): Plugin<undefined> {
  return definePlugin({
    name: 'mounted',
    setup: (gateway) => gateway.serviceFeatures.register(factory),
  })
}

function configOf<O>(
  { parent, type }: ServiceFeatureFactory<O>,
  options: unknown,
  { servers = ['a', 'b'], config = {} }: FeatureMountOptions,
): GatewayConfigInput {
  const feature = options === undefined ? {} : { [type]: options }
  const balancing = memoryServers(...servers)
  const service =
    parent === 'service'
      ? { load_balancer: balancing, ...feature }
      : { load_balancer: { ...balancing, ...feature } }
  return {
    ...config,
    routers: { mounted: { rule: 'any', service: 'featured' } },
    services: { ...config.services, featured: service },
  }
}
