import { fileURLToPath } from 'node:url'
import { type Environment, parseHcl, readHcl } from '@gatewright/config-hcl'
import {
  type ConfigInput,
  Gateway,
  type GatewayConfigInput,
  type GatewayOptions,
  type Plugin,
  type PluginLoader,
} from '@gatewright/kernel'
import { createLoader } from '@gatewright/standard'
import { errors } from '../errors.ts'
import { LeakCount } from '../leaks/leak-count.ts'
import { type RecordedLogs, recordLogs } from '../recorded-logs.ts'

/** What a test makes a gateway with. */
export interface LaunchOptions {
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
  /** See `GatewayOptions`. Default none, so that plugins cannot ask for a reload. */
  readonly reload?: GatewayOptions['reload']
  /**
   * Whether stopping throws GW_TESTING_LEAK if something is left over. Default true.
   */
  readonly strict?: boolean
}

/** A gateway that has not started. */
export interface Launch {
  readonly gateway: Gateway
  readonly logs: RecordedLogs
  readonly leaks: LeakCount
}

/** A gateway for a test. It gives up after 5 s unless its configuration says otherwise. */
export function launch(options: LaunchOptions): Launch {
  const { plugins = [], logs = recordLogs(), pendingTimeoutMs, share, sharedSecret } = options
  const { reload } = options
  const baseDir = baseDirOf(options)
  const gateway = new Gateway({
    log: logs.log,
    plugins,
    loader: options.loader ?? createLoader({ baseDir }),
    baseDir,
    ...(pendingTimeoutMs !== undefined && { pendingTimeoutMs }),
    ...(share !== undefined && { share }),
    ...(sharedSecret !== undefined && { sharedSecret }),
    ...(reload !== undefined && { reload }),
  })
  gateway.hooks.config.tap('@gatewright/testing', (merged) => ({
    shutdown_timeout_secs: 5,
    ...merged,
  }))
  return { gateway, logs, leaks: new LeakCount(gateway) }
}

/** A configuration as a test has it: HCL text, the URL of a file, or an object. */
export type TestConfig = string | URL | GatewayConfigInput

/** Reads it. Throws what `parseHcl` and `readHcl` throw. */
export async function readConfig(
  config: TestConfig,
  options: Pick<LaunchOptions, 'baseDir' | 'env'>,
): Promise<ConfigInput> {
  const { env = {} } = options
  if (typeof config === 'string') {
    return parseHcl(config, { file: `${baseDirOf(options)}/test.hcl`, env })
  }
  return config instanceof URL ? readHcl(fileURLToPath(config), { env }) : config
}

/** Throws GW_TESTING_LEAK if something is left. */
export function mustBeClean(left: readonly string[]): void {
  if (left.length > 0) throw errors.GW_TESTING_LEAK({ left })
}

function baseDirOf({ baseDir = process.cwd() }: Pick<LaunchOptions, 'baseDir'>): string {
  return baseDir
}
