import {
  type ConfigProblem,
  definePlugin,
  type GatewayConfigInput,
  isGatewayError,
  errors as kernelErrors,
  type MiddlewareFactory,
  type Plugin,
} from '@gatewright/kernel'
import type { Script } from '../memory/memory-script.ts'
import type { Terminal } from '../memory/memory-upstream.ts'
import {
  inMemory,
  type MemoryGateway,
  memoryService,
  startMemoryGateway,
  validateInMemory,
} from './memory-gateway.ts'

/** Options as a user writes them in the block, before defaults and units. */
export type WrittenOptions = Readonly<Record<string, unknown>>

/** Makes the plugin that brings a factory, if it does more than that. */
export type Owner<F> = (factory: F) => Plugin

/** What stands around a mounted middleware. */
export interface MountOptions {
  /** Label of the block. Default: the type. */
  readonly name?: string
  /** What the upstream does. Default 200 without a body. */
  readonly upstream?: Script
  /** Takes the place of the upstream altogether; `upstream` is not asked then. */
  readonly terminal?: Terminal
  /** The block says `dry_run`. Default false. */
  readonly dryRun?: boolean
  /** Path prefixes of `skip_paths`. Default none. */
  readonly skipPaths?: readonly string[]
  /** Further plugins, such as one whose section the middleware reads. */
  readonly plugins?: readonly Plugin[]
  /** Further blocks of the configuration. */
  readonly config?: GatewayConfigInput
  /** See `GatewayOptions`. Default 10,000. */
  readonly pendingTimeoutMs?: number
  /** Makes the plugin that brings the middleware. Default: one that brings nothing else. */
  readonly owner?: Owner<MiddlewareFactory> | undefined
}

/** A middleware in front of an upstream in memory. All parts may be taken apart. */
export interface MountedMiddleware extends Omit<MemoryGateway, 'apply'> {
  /** The same block with other options. Throws what {@link mountMiddleware} throws. */
  readonly reload: (options: WrittenOptions) => Promise<void>
}

/**
 * Puts a middleware into a real gateway without sockets: its options are validated as in a
 * configuration, and requests pass through hooks, router, chain and service.
 * Throws GW_INVALID_OPTIONS, with all problems, if the options are refused.
 */
export async function mountMiddleware<O>(
  factory: MiddlewareFactory<O>,
  options: WrittenOptions = {},
  mount: MountOptions = {},
): Promise<MountedMiddleware> {
  const name = mount.name ?? factory.type
  const { apply, ...mounted } = await optionsChecked(['middlewares', name], () =>
    startMemoryGateway({
      ...mount,
      plugins: pluginsOf(factory, mount),
      config: configOf(factory.type, name, options, mount),
    }),
  )
  const reload = (next: WrittenOptions): Promise<void> =>
    optionsChecked(['middlewares', name], () => apply(configOf(factory.type, name, next, mount)))
  return { ...mounted, reload }
}

/** What a check of a configuration with this block says; throws nothing for problems. */
export function validateMiddleware<O>(
  factory: MiddlewareFactory<O>,
  options: WrittenOptions,
  mount: MountOptions = {},
): Promise<readonly ConfigProblem[]> {
  return validateInMemory(
    pluginsOf(factory, mount),
    inMemory(configOf(factory.type, mount.name ?? factory.type, options, mount)),
  )
}

/**
 * Throws GW_INVALID_OPTIONS in place of GW_CONFIG_INVALID if all that is wrong stands in the block
 * at `at`; paths of problems then begin inside the block.
 */
export async function optionsChecked<T>(at: readonly string[], run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!isGatewayError(error) || error.code !== 'GW_CONFIG_INVALID') throw error
    const inside = error.problems.every(({ path }) => at.every((step, i) => path[i] === step))
    if (!inside) throw error
    const problems = error.problems.map((problem) => ({
      ...problem,
      path: problem.path.slice(at.length),
    }))
    const where = problems[0]?.path.join('.') ?? ''
    const message = problems[0]?.message ?? error.message
    const problem = where === '' ? message : `${where}: ${message}`
    throw kernelErrors.GW_INVALID_OPTIONS({ problem }, { problems, cause: error })
  }
}

/** The plugins of a gateway with that middleware. */
export function pluginsOf<O>(
  factory: MiddlewareFactory<O>,
  { owner = pluginOf, plugins = [] }: MountOptions,
): readonly Plugin[] {
  return [owner(factory), ...plugins]
}

/** A plugin that brings one middleware type. */
function pluginOf(factory: MiddlewareFactory): Plugin<undefined> {
  return definePlugin({
    name: 'mounted',
    setup: (gateway) => gateway.middlewares.register(factory),
  })
}

function configOf(
  type: string,
  name: string,
  options: WrittenOptions,
  { dryRun = false, skipPaths = [], config = {} }: MountOptions,
): GatewayConfigInput {
  return {
    ...config,
    routers: { mounted: { rule: 'any', service: 'upstream', middlewares: [name] } },
    services: { ...config.services, upstream: memoryService },
    middlewares: {
      ...config.middlewares,
      [name]: { ...options, type, dry_run: dryRun, skip_paths: skipPaths },
    },
  }
}
