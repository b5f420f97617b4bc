import {
  definePlugin,
  Gateway,
  type GatewayConfigInput,
  isGatewayError,
  errors as kernelErrors,
  type MiddlewareFactory,
  type Plugin,
} from '@gatewright/kernel'
import type { MemoryEntrypoint, SendInit } from '../memory/memory-entrypoint.ts'
import type { MemoryResponse } from '../memory/memory-message.ts'
import { memoryPlugin } from '../memory/memory-plugin.ts'
import { MemoryUpstream, type Script, type Terminal } from '../memory/memory-upstream.ts'
import { type RecordedLogs, recordLogs } from '../recorded-logs.ts'

/** Options as a user writes them in the block, before defaults and units. */
export type WrittenOptions = Readonly<Record<string, unknown>>

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
}

/** A middleware in front of an upstream in memory. All parts may be taken apart. */
export interface MountedMiddleware extends AsyncDisposable {
  /** Sends a request through it and reads the whole response. */
  readonly send: (init?: SendInit) => Promise<MemoryResponse>
  readonly upstream: MemoryUpstream
  /** The same block with other options. Throws what {@link mountMiddleware} throws. */
  readonly reload: (options: WrittenOptions) => Promise<void>
  /** Gives up all requests that are under way, as if their clients had gone. */
  readonly abort: () => void
  readonly logs: RecordedLogs
  readonly gateway: Gateway
  /** Shuts the gateway down. */
  readonly close: () => Promise<void>
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
  const upstream = new MemoryUpstream(mount.upstream, mount.terminal)
  const logs = recordLogs()
  let entrypoint: MemoryEntrypoint | undefined
  const gateway = new Gateway({
    log: logs.log,
    plugins: [
      memoryPlugin(upstream, (listening) => {
        entrypoint = listening
      }),
      mounted(factory),
      ...(mount.plugins ?? []),
    ],
    ...(mount.pendingTimeoutMs !== undefined && { pendingTimeoutMs: mount.pendingTimeoutMs }),
  })
  const name = mount.name ?? factory.type
  await optionsChecked(name, () => gateway.start(configOf(factory.type, name, options, mount)))
  if (entrypoint === undefined) throw new Error('the gateway started without its entrypoint')
  const { send, abort } = clientOf(entrypoint)
  const close = (): Promise<void> => gateway.shutdown()
  return {
    send,
    abort,
    upstream,
    logs,
    gateway,
    close,
    reload: (next) =>
      optionsChecked(name, async () => {
        await gateway.reload(configOf(factory.type, name, next, mount))
      }),
    [Symbol.asyncDispose]: close,
  }
}

function clientOf(entrypoint: MemoryEntrypoint): Pick<MountedMiddleware, 'send' | 'abort'> {
  return { send: (init = {}) => entrypoint.send(init), abort: () => entrypoint.abortAll() }
}

function mounted<O>(factory: MiddlewareFactory<O>): Plugin<undefined> {
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
    entrypoints: { memory: { address: '127.0.0.1:0', protocol: 'memory' } },
    routers: { mounted: { rule: 'any', service: 'upstream', middlewares: [name] } },
    services: {
      ...config.services,
      upstream: { load_balancer: { strategy: 'memory', servers: [{ url: 'memory://upstream' }] } },
    },
    middlewares: {
      ...config.middlewares,
      [name]: { ...options, type, dry_run: dryRun, skip_paths: skipPaths },
    },
  }
}

/** What is wrong with the options only is thrown as such; the rest of the configuration is ours. */
async function optionsChecked(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (!isGatewayError(error) || error.code !== 'GW_CONFIG_INVALID') throw error
    const own = error.problems.filter(({ path }) => path[0] === 'middlewares' && path[1] === name)
    const [first] = own
    if (first === undefined || own.length < error.problems.length) throw error
    const problems = own.map((problem) => ({ ...problem, path: problem.path.slice(2) }))
    const where = first.path.slice(2).join('.')
    const problem = where === '' ? first.message : `${where}: ${first.message}`
    throw kernelErrors.GW_INVALID_OPTIONS({ problem }, { problems, cause: error })
  }
}
