/**
 * What a configuration is before and after it is understood.
 *
 * @module
 */
import type { JsonSchema } from './schema.ts'

/** Where a value stands in a configuration: `['services', 'api', 'load_balancer', 'servers', 0, 'url']`. */
export type ConfigPath = readonly (string | number)[]

/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  readonly path: ConfigPath
  /** Stable identifier, such as `GW_CONFIG_UNKNOWN_KEY`. */
  readonly code: string
  /** Lower case, no full stop, without the path. */
  readonly message: string
  /** What was probably meant; already part of the message when there is one. */
  readonly suggestion?: string
  /** What the operator can do. */
  readonly hint?: string
  /** Where it stands, if that is a file: line and column begin at 1. */
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

/** Takes a problem and lets the search for more go on. */
export type Report = (problem: ConfigProblem) => void

/** A configuration that knows the notation in which it was written. */
export interface ConfigDocument {
  /**
   * The top level. Labelled blocks are records by label; what only a schema can tell apart
   * (a block that may appear once from a list of blocks) is left to {@link ConfigDocument.normalise}.
   */
  readonly config: Readonly<Record<string, unknown>>
  /**
   * Gives a value the shape that its schema describes. Must not change `value`; leaves what it
   * cannot shape for validation to refuse.
   */
  normalise(value: unknown, schema: JsonSchema, path: ConfigPath, report: Report): unknown
  /** True if the value came from outside, such as the environment, and must not be shown. */
  interpolated?(path: ConfigPath): boolean
  /**
   * The folder from which relative paths begin that stand in the block at `path`. Absolute, or
   * relative to `baseDir` of the gateway, which is what holds without one.
   */
  folderOf?(path: ConfigPath): string | undefined
  /** The file that it was read from, as it was given. */
  readonly file?: string
  /** Adds the place of a problem; `undefined` if the problem is only that a value is not known. */
  place?(problem: ConfigProblem): ConfigProblem | undefined
  /** Reads the same source again. */
  reread?(): Promise<ConfigDocument>
}

/** Normalised configuration: labelled blocks as records, defaults filled in, deeply frozen. */
export interface GatewayConfig {
  readonly entrypoints: Readonly<Record<string, EntrypointConfig>>
  readonly routers: Readonly<Record<string, RouterConfig>>
  readonly services: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly middlewares: Readonly<Record<string, MiddlewareConfig>>
  readonly providers: Readonly<Record<string, unknown>>
  /** Seconds that a shutdown and a replaced configuration wait for exchanges. Default 30. */
  readonly shutdown_timeout_secs: number
  /** Blocks contributed by plugins, by name. */
  readonly [section: string]: unknown
}

/** An `entrypoints` block; the protocol's and the features' keys stand beside these. */
export interface EntrypointConfig {
  readonly address: string
  readonly protocol: string
  readonly [key: string]: unknown
}

/** A `routers` block. */
export interface RouterConfig {
  readonly rule: string
  readonly service: string
  /** Empty means all entrypoints of the router's kind. */
  readonly entrypoints: readonly string[]
  readonly middlewares: readonly string[]
  /** 0 means the length of the rule. */
  readonly priority: number
}

/** A `middlewares` block: its type, the common keys, and the type's own keys. */
export interface MiddlewareConfig {
  readonly type: string
  readonly [key: string]: unknown
}

/** A configuration as programs write it: any part may be left out, and defaults are filled in. */
export interface GatewayConfigInput {
  readonly entrypoints?: Readonly<Record<string, unknown>>
  readonly routers?: Readonly<Record<string, unknown>>
  readonly services?: Readonly<Record<string, unknown>>
  readonly middlewares?: Readonly<Record<string, unknown>>
  readonly providers?: Readonly<Record<string, unknown>>
  readonly [section: string]: unknown
}
