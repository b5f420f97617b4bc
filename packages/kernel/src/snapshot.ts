/**
 * One immutable, running configuration, as plugins see it.
 *
 * @module
 */
import type { GatewayConfig } from './config.ts'
import type { Exchange } from './exchange.ts'
import type { Pipeline } from './pipeline.ts'
import type { Route, RouteVerdict } from './routing.ts'
import type { Service } from './service.ts'

/** Typed handle of a plugin's own configuration block. */
export class SectionKey<T> {
  readonly name: string
  /** Only carries the type. */
  declare readonly type: T

  constructor(name: string) {
    this.name = name
  }
}

/** One immutable, running configuration. */
export interface Snapshot {
  /** Counts up from 1 with every configuration that was applied. */
  readonly version: number
  /** The same for equal configurations, in every process. */
  readonly hash: string
  readonly config: GatewayConfig
  readonly routes: readonly Route[]
  readonly services: ReadonlyMap<string, Service>
  /** What the section's `create` returned for this configuration; `undefined` without a block. */
  get<T>(key: SectionKey<T>, label?: string): T | undefined
  /**
   * What the rules of the routers say, whatever taps on the hook `route` may say. Throws what answers
   * the exchange instead.
   */
  findRoute(exchange: Exchange): Route | undefined
  /** See {@link FindRoute.explain}; empty if the routing cannot tell. */
  explainRoute(exchange: Exchange): readonly RouteVerdict[]
  /** What the exchanges of each router pass through, by its name. */
  readonly pipelines: ReadonlyMap<string, Pipeline>
  /** True if routing a stream of that entrypoint may need what its client says first. */
  peeks(entrypoint: string): boolean
  /** True if the configuration uses the plugin of that name. */
  uses(plugin: string): boolean
}
