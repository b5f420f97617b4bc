/**
 * The contract of providers of configuration.
 *
 * @module
 */
import type { Logger } from 'pino'
import type { Awaitable } from './awaitable.ts'
import type { ConfigDocument, GatewayConfigInput } from './config.ts'
import type { GatewayError } from './gateway-error.ts'
import type { AnyOptions, OptionsSchema } from './schema.ts'
import type { Scope } from './scope.ts'

/**
 * A part of what a provider contributes. Parts are judged one by one: if one of them is wrong, its
 * last good content takes its place, or nothing if there is none, and the rest goes on.
 */
export interface ConfigPart {
  /**
   * What it is, for messages, such as the name of its file. No other part has the same; by it the
   * last good content is found.
   */
  readonly source: string
  /** An error if it could not be read: then its last good content stays. */
  readonly input: GatewayConfigInput | ConfigDocument | GatewayError
  /** True if nothing of a configuration is to be applied while this part is wrong. */
  readonly strict?: boolean
}

/** What a provider contributes: everything in one, or in parts. */
export type Contribution = GatewayConfigInput | ConfigDocument | readonly ConfigPart[]

/** A source of configuration that may change while the gateway runs. */
export interface Provider {
  /**
   * Yields the provider's whole contribution now and each time it changes; returns when `signal`
   * aborts. The latest value of every provider is merged and applied. Of a provider that can
   * `load`, a value only says that there is something to load. Started again after it threw, later
   * each time.
   */
  watch(signal: AbortSignal): AsyncIterable<Contribution>
}

/** What a provider may reach while it loads. */
export interface LoadContext {
  readonly log: Logger
  /** What the gateway was started or reloaded with, if it knows its notation. */
  readonly main: ConfigDocument | undefined
  /** Aborts when nobody waits for what is loaded any more: it took too long, or the gateway stops. */
  readonly signal: AbortSignal
  /** An absolute path; relative ones begin where those of the provider's block do. */
  readonly resolvePath: (path: string) => string
}

/** Makes a provider out of its block in `providers`. */
export interface ProviderFactory<O = AnyOptions> {
  /** Name of the block in `providers`. */
  readonly type: string
  readonly schema: OptionsSchema<O>
  /**
   * Who wins if several define the same name: what has less is left out, with a warning. Equal ones
   * are a problem that names both. Default 0; that of the configuration itself is infinite.
   */
  readonly precedence?: number
  /**
   * What there is now: asked each time a configuration with the block is read, also one that is only
   * checked. So it is there from the first request on, the configuration may name what it has, and
   * a reload reads it again. May ask a server, with {@link LoadContext.signal} and a bound of its
   * own; the gateway gives up after 60 s. Leaves nothing open and no timer. If it throws, what it
   * contributed before stays.
   */
  load?(options: O, context: LoadContext): Awaitable<Contribution>
  /**
   * @param main As for {@link LoadContext.main}, when the provider is made. It is made anew for
   * another file, but not each time that file is read.
   */
  create(options: O, scope: Scope, main?: ConfigDocument): Provider
}

/** A part that is not in force as it is. */
export interface RefusedPart {
  readonly source: string
  /** What takes its place. */
  readonly standIn: 'last good' | 'nothing'
  readonly problems: readonly { readonly code: string; readonly message: string }[]
}

/** Why a provider failed. */
export interface ProviderProblem {
  /** Of the error that it threw; `GW_PLUGIN_ERROR` if that has none. */
  readonly code: string
  readonly message: string
}

/** How a provider of the active configuration does. */
export interface ProviderStatus {
  readonly type: string
  /**
   * `starting` before it has contributed, `failed` if its last `load` or `watch` came to nothing,
   * `degraded` if some of its parts were refused. What it contributed before stays meanwhile.
   */
  readonly state: 'starting' | 'synced' | 'degraded' | 'failed'
  /** Why it is `failed`; `undefined` otherwise. */
  readonly problem: ProviderProblem | undefined
  readonly refused: readonly RefusedPart[]
  /** `Date.now()` when it last said something, or loaded it; `undefined` before. */
  readonly syncedAt: number | undefined
  readonly syncs: ProviderSyncs
  /** What the active configuration has of it, by kind. */
  readonly objects: Readonly<Record<ProvidedKind, number>>
}

/** What providers contribute: blocks with names. */
export type ProvidedKind = 'entrypoints' | 'routers' | 'middlewares' | 'services'

/** How often a provider said or loaded something, by whether it was new; `error`: failed to. */
export interface ProviderSyncs {
  readonly changed: number
  readonly unchanged: number
  readonly error: number
}

/** Returns its argument; gives `create` its types. */
export function defineProvider<O>(factory: ProviderFactory<O>): ProviderFactory<O> {
  return factory
}
