import type { Gateway, GatewayConfigInput } from '@gatewright/kernel'
import { connect, type RawClient } from '../client/raw-client.ts'
import type { RawResponse } from '../client/raw-response.ts'
import { type RequestInit, request } from '../client/request.ts'
import type { RecordedLogs } from '../recorded-logs.ts'
import { type LaunchOptions, launch, mustBeClean, readConfig } from './launch.ts'

/** How {@link startGateway} makes its gateway. */
export type StartOptions = LaunchOptions

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
  const { strict = true } = options
  const { gateway, logs, leaks } = launch(options)
  await gateway.start(await readConfig(config, options))
  const port = (entrypoint?: string): number => portOf(gateway, entrypoint)
  const url = (entrypoint?: string): string => `http://127.0.0.1:${port(entrypoint)}`
  const close = async (): Promise<void> => {
    await gateway.shutdown()
    if (strict) mustBeClean(leaks.left())
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
      await gateway.reload(await readConfig(next, options), { force: true })
    },
    [Symbol.asyncDispose]: close,
  }
}

/** The port of an entrypoint. */
export function portOf({ addresses }: Gateway, entrypoint: string | undefined): number {
  const bound =
    entrypoint === undefined ? addresses.values().next().value : addresses.get(entrypoint)
  if (bound !== undefined) return bound.port
  const known = [...addresses.keys()].join(', ')
  throw new Error(`no entrypoint "${entrypoint ?? ''}"; there are: ${known}`)
}
