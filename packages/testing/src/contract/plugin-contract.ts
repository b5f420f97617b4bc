import type { GatewayConfigInput, Plugin } from '@gatewright/kernel'
import type { InjectInit } from '../kit/inject.ts'
import type { TestRunner } from './test-runner.ts'

/** What one component of a plugin is tried with. */
export interface ComponentCases {
  /**
   * Blocks as a user writes them, without `type`; of matchers, their arguments. The first is used
   * where one is enough. Default: the examples of the schema, else an empty one.
   */
  readonly valid?: readonly unknown[]
  /** Blocks that must be refused. Default none, beside what the schema says by itself. */
  readonly invalid?: readonly unknown[]
  /** Middlewares: requests that reach every handler. Default `GET /`. */
  readonly requests?: readonly (InjectInit | string)[]
  /** Middlewares: requests that are rejected, with the first valid options. Default none. */
  readonly rejected?: readonly (InjectInit | string)[]
  /** Middlewares: request fields that only this one may tell the upstream. Default none. */
  readonly ownFields?: readonly string[]
  /** Providers: changes what the source of the first valid options says. */
  readonly change?: () => PromiseLike<void> | void
}

/** What a plugin is tried with. Cases that stand here are those of its only component. */
export interface PluginContract extends ComponentCases {
  /** Those of several components, by type. */
  readonly components?: Readonly<Record<string, ComponentCases>>
  /** Options of the plugin itself, as in `plugins "name" { config { … } }`. */
  readonly options?: unknown
  /** Further plugins that it needs. */
  readonly plugins?: readonly Plugin[]
  /** Further blocks of the configuration that it needs. */
  readonly config?: GatewayConfigInput
  /** Path or content of its package.json, to be compared with what it does. */
  readonly packageJson?: string | URL | Readonly<Record<string, unknown>>
  /** Path of its README, to be compared with its options. */
  readonly readme?: string | URL
  /** What registers the tests. Default: vitest in vitest, else `node:test`. */
  readonly runner?: TestRunner
}
