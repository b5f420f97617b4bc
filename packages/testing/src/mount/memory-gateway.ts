import {
  type ConfigDocument,
  type ConfigProblem,
  Gateway,
  type GatewayConfigInput,
  type Plugin,
} from '@gatewright/kernel'
import type { SendInit } from '../memory/memory-clients.ts'
import type { MemoryEntrypoint } from '../memory/memory-entrypoint.ts'
import type { MemoryResponse } from '../memory/memory-message.ts'
import { memoryPlugin } from '../memory/memory-plugin.ts'
import type { Script } from '../memory/memory-script.ts'
import { MemoryUpstream, type Terminal } from '../memory/memory-upstream.ts'
import { type RecordedLogs, recordLogs } from '../recorded-logs.ts'

/** How a gateway without sockets is made. */
export interface MemoryGatewayOptions {
  readonly plugins: readonly Plugin[]
  /** Everything but the entrypoint. The first router gets all requests. */
  readonly config: GatewayConfigInput
  readonly upstream?: Script | undefined
  readonly terminal?: Terminal | undefined
  readonly pendingTimeoutMs?: number | undefined
}

/**
 * A real gateway without sockets. All parts may be taken apart. Disposing of it gives up what is
 * under way and closes it.
 */
export interface MemoryGateway extends AsyncDisposable {
  /** Sends a request through it and reads the whole response. */
  readonly send: (init?: SendInit) => Promise<MemoryResponse>
  /** What `memory:` endpoints are. */
  readonly upstream: MemoryUpstream
  /** Another configuration, without entrypoint; built anew even if it is the same. */
  readonly apply: (config: GatewayConfigInput) => Promise<void>
  /** Gives up all requests that are under way, as if their clients had gone. */
  readonly abort: () => void
  readonly logs: RecordedLogs
  readonly gateway: Gateway
  /** Shuts the gateway down, once the requests under way have ended. */
  readonly close: () => Promise<void>
}

/** The configuration of a service that ends at the upstream in memory. */
export const memoryService = {
  load_balancer: { strategy: 'memory', servers: [{ url: 'memory://upstream' }] },
} as const

/** What `Gateway.validate` says about a configuration of such a gateway; nothing is started. */
export async function validateInMemory(
  plugins: readonly Plugin[],
  config: GatewayConfigInput | ConfigDocument,
): Promise<readonly ConfigProblem[]> {
  const memory = memoryPlugin(new MemoryUpstream(), () => undefined)
  await using gateway = new Gateway({ log: recordLogs().log, plugins: [memory, ...plugins] })
  return await gateway.validate(config)
}

/** Starts a gateway without sockets. Throws what `Gateway.start` throws. */
export async function startMemoryGateway(options: MemoryGatewayOptions): Promise<MemoryGateway> {
  const upstream = new MemoryUpstream(options.upstream, options.terminal)
  const logs = recordLogs()
  const entrypoints: MemoryEntrypoint[] = []
  const memory = memoryPlugin(upstream, (listening) => entrypoints.push(listening))
  const gateway = new Gateway({
    log: logs.log,
    plugins: [memory, ...options.plugins],
    ...(options.pendingTimeoutMs !== undefined && { pendingTimeoutMs: options.pendingTimeoutMs }),
  })
  await gateway.start(inMemory(options.config))
  const [entrypoint] = entrypoints
  if (entrypoint === undefined) throw new Error('the gateway started without its entrypoint')
  const close = (): Promise<void> => gateway.shutdown()
  return {
    send: (init = {}) => entrypoint.send(init),
    abort: () => entrypoint.abortAll(),
    apply: async (config) => {
      await gateway.reload(inMemory(config), { force: true })
    },
    upstream,
    logs,
    gateway,
    close,
    [Symbol.asyncDispose]: () => {
      entrypoint.abortAll()
      return close()
    },
  }
}

/** Adds the entrypoint. */
export function inMemory(config: GatewayConfigInput): GatewayConfigInput {
  return { ...config, entrypoints: { memory: { address: '127.0.0.1:0', protocol: 'memory' } } }
}
