/**
 * What the parts of a builder share: scopes, and what becomes of a `create` that fails.
 *
 * @module
 */
import type { Logger } from 'pino'
import { isThenable } from './awaitable.ts'
import type { ConfigPath, Report } from './config.ts'
import { isGatewayError } from './gateway-error.ts'
import type { HookRunner } from './hook-runner.ts'
import type { Listeners } from './listeners.ts'
import { type GatewayPart, LiveScope, type ScopeParts } from './live-scope.ts'
import type { LiveSnapshot } from './live-snapshot.ts'
import { asPlugin } from './plugin-context.ts'
import type { PluginHost } from './plugin-host.ts'
import { refusalOf } from './refusal.ts'
import { ownerOfFactory, titleOfFactory } from './registry.ts'
import type { KeptResources } from './resources.ts'
import type { RunningProviders } from './running-providers.ts'
import type { ObservedStep, Step } from './steps.ts'
import { inTime } from './time-limit.ts'

/** How long one `create` may take, in milliseconds. */
const createTimeoutMs = 10_000

/** What a builder needs of the gateway. */
export interface BuilderHost {
  readonly resources: KeptResources
  readonly hooks: HookRunner
  readonly log: Logger
  readonly providers: RunningProviders
  readonly listeners: Listeners
  readonly part: GatewayPart
  readonly plugins: PluginHost
}

/** Where one snapshot is built. */
export class BuildSite {
  readonly host: BuilderHost
  readonly snapshot: LiveSnapshot
  readonly report: Report

  constructor(host: BuilderHost, snapshot: LiveSnapshot, report: Report) {
    this.host = host
    this.snapshot = snapshot
    this.report = report
  }

  /** Of the block at `path`, which it is named after. */
  scope(
    path: ConfigPath,
    bindings: Record<string, string>,
    rest: Partial<Pick<ScopeParts, 'name' | 'holdings' | 'dryRun'>> = {},
  ): LiveScope {
    const { services, holdings, blueprint, observers } = this.snapshot
    return new LiveScope({
      name: String(path.at(-1)),
      log: this.host.log.child(bindings),
      holdings,
      part: this.host.part,
      folder: blueprint.folderOf(path),
      observers,
      services: () => services,
      ...rest,
    })
  }

  /** A step of this configuration as it is looked at; `undefined` if nobody does. */
  observed(
    step: Omit<Step, 'plugin'> & { readonly plugin: string | undefined },
  ): ObservedStep | undefined {
    const { plugin = 'unknown' } = step
    return this.snapshot.observers.observed({ ...step, plugin })
  }

  /**
   * What a factory makes; `undefined` if it failed, which has been reported then.
   * @param factory As it was registered.
   */
  async create<T>(
    path: ConfigPath,
    factory: { readonly type: string },
    create: () => T | PromiseLike<T>,
    check: (made: T) => void = () => undefined,
  ): Promise<{ readonly value: T } | undefined> {
    try {
      const made = asPlugin(ownerOfFactory(factory), create)
      const value = isThenable(made) ? await inTime(made, createTimeoutMs, notReady) : made
      check(value)
      return { value }
    } catch (error) {
      this.refuse(path, error, titleOfFactory(factory))
      return undefined
    }
  }

  /**
   * Reports why what stands at `path` cannot be had.
   * @param owner Whose code failed; see {@link refusalOf}.
   */
  refuse(path: ConfigPath, error: unknown, owner?: string): void {
    if (!isGatewayError(error)) this.host.log.debug({ err: error, path }, 'create failed')
    for (const problem of refusalOf(error, path, owner)) this.report(problem)
  }
}

function notReady(): Error {
  return new Error(`not ready within ${createTimeoutMs / 1000} s`)
}
