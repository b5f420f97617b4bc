import { type Environment, parseHcl } from '@gatewright/config-hcl'
import {
  type ConfigInput,
  Gateway,
  type GatewayConfigInput,
  type Plugin,
  type PluginLoader,
} from '@gatewright/kernel'
import { createLoader } from '@gatewright/standard'
import { connect, type RawClient } from '../client/raw-client.ts'
import type { RawResponse } from '../client/raw-response.ts'
import { type RequestInit, request } from '../client/request.ts'
import { errors } from '../errors.ts'
import { type RecordedLogs, recordLogs } from '../recorded-logs.ts'
import { LeakCount } from './leak-count.ts'

/** How {@link startGateway} makes its gateway. */
export interface StartOptions {
  /** Plugins beside those that the configuration names. */
  readonly plugins?: readonly Plugin[]
  /** Finds plugins by type. Default: the first-party ones, and those of `plugins` blocks. */
  readonly loader?: PluginLoader
  /** What relative paths in the configuration begin from. Default: the working directory. */
  readonly baseDir?: string
  /** Environment variables for the configuration. Default none, whatever the process has. */
  readonly env?: Environment
  /** Where the log goes. Default: a recorder of its own. */
  readonly logs?: RecordedLogs
  /** See `GatewayOptions`. Default 10,000. */
  readonly pendingTimeoutMs?: number
  /** See `GatewayOptions`. Default 1. */
  readonly share?: number
  /** See `GatewayOptions`. Default none. */
  readonly sharedSecret?: string
  /**
   * Whether stopping throws GW_TESTING_LEAK if exchanges, connections or counts of endpoints are
   * left over. Default true.
   */
  readonly strict?: boolean
}

/** A running gateway with real sockets. All parts may be taken apart. */
export interface TestGateway extends AsyncDisposable {
  readonly gateway: Gateway
  /** Of the entrypoint of that name; of the first one without a name. */
  readonly port: (entrypoint?: string) => number
  /** Without a path: `http://127.0.0.1:40123`. */
  readonly url: (entrypoint?: string) => string
  /** Sends one request to the first entrypoint, on a connection of its own. */
  readonly request: (target: string, init?: RequestInit) => Promise<RawResponse>
  /** Opens a connection to an entrypoint. */
  readonly connect: (entrypoint?: string) => Promise<RawClient>
  /**
   * Applies a configuration, and builds it anew even if nothing changed, to see what survives that.
   * Throws what `Gateway.reload` throws.
   */
  readonly reload: (config: string | GatewayConfigInput) => Promise<void>
  readonly logs: RecordedLogs
  /** Stops the gateway. Throws GW_TESTING_LEAK if strict. */
  readonly close: () => Promise<void>
}

/**
 * Starts a real gateway from HCL text, or from a configuration as an object. Entrypoints should
 * say `address = "127.0.0.1:0"`. `shutdown_timeout_secs` is 5 unless the configuration says
 * otherwise, so that a stuck exchange fails its test and not the whole run.
 * Throws what `parseHcl` and `Gateway.start` throw.
 */
export async function startGateway(
  config: string | GatewayConfigInput,
  options: StartOptions = {},
): Promise<TestGateway> {
  const { plugins = [], baseDir = process.cwd(), logs = recordLogs(), strict = true } = options
  const gateway = new Gateway({
    log: logs.log,
    plugins,
    loader: options.loader ?? createLoader({ baseDir }),
    baseDir,
    ...(options.pendingTimeoutMs !== undefined && { pendingTimeoutMs: options.pendingTimeoutMs }),
    ...(options.share !== undefined && { share: options.share }),
    ...(options.sharedSecret !== undefined && { sharedSecret: options.sharedSecret }),
  })
  gateway.hooks.config.tap('@gatewright/testing', (merged) => ({
    shutdown_timeout_secs: 5,
    ...merged,
  }))
  const leaks = new LeakCount(gateway)
  const read = async (given: string | GatewayConfigInput): Promise<ConfigInput> => {
    if (typeof given !== 'string') return given
    return parseHcl(given, { file: `${baseDir}/test.hcl`, env: options.env ?? {} })
  }
  await gateway.start(await read(config))
  const port = (entrypoint?: string): number => portOf(gateway, entrypoint)
  const url = (entrypoint?: string): string => `http://127.0.0.1:${port(entrypoint)}`
  const close = async (): Promise<void> => {
    await gateway.shutdown()
    const left = strict ? leaks.left() : []
    if (left.length > 0) throw errors.GW_TESTING_LEAK({ left })
  }
  return {
    gateway,
    logs,
    port,
    url,
    close,
    request: (target, init) => request(`${url()}${target}`, init),
    connect: (entrypoint) => connect(port(entrypoint)),
    reload: async (next) => {
      await gateway.reload(await read(next), { force: true })
    },
    [Symbol.asyncDispose]: close,
  }
}

function portOf({ addresses }: Gateway, entrypoint: string | undefined): number {
  const bound =
    entrypoint === undefined ? addresses.values().next().value : addresses.get(entrypoint)
  if (bound !== undefined) return bound.port
  const known = [...addresses.keys()].join(', ')
  throw new Error(`no entrypoint "${entrypoint ?? ''}"; there are: ${known}`)
}
