/**
 * The contract of providers of configuration.
 *
 * @module
 */
import type { ConfigDocument, GatewayConfigInput } from './config.ts'
import type { AnyOptions, OptionsSchema } from './schema.ts'
import type { Scope } from './scope.ts'

/** A source of configuration that may change while the gateway runs. */
export interface Provider {
  /**
   * Yields the provider's whole contribution now and each time it changes; returns when `signal`
   * aborts. The latest value of every provider is merged and applied.
   */
  watch(signal: AbortSignal): AsyncIterable<GatewayConfigInput | ConfigDocument>
}

/** Makes a provider out of its block in `providers`. */
export interface ProviderFactory<O = AnyOptions> {
  /** Name of the block in `providers`. */
  readonly type: string
  readonly schema: OptionsSchema<O>
  create(options: O, scope: Scope): Provider
}
