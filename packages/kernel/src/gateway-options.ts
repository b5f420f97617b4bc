/**
 * How a gateway is made and used.
 *
 * @module
 */
import type { Logger } from 'pino'
import type { Blueprint } from './blueprint.ts'
import type { ConfigPath, ConfigProblem } from './config.ts'
import type { Peers } from './peers.ts'
import type { Plugin, PluginLoader } from './plugin.ts'
import type { ReloadOutcome } from './running-gateway.ts'

/** How a gateway is made. */
export interface GatewayOptions {
  /** Default: warnings and errors to standard output. */
  readonly log?: Logger
  readonly plugins?: readonly Plugin[]
  /** Finds plugins for types that none of `plugins` has. */
  readonly loader?: PluginLoader
  /** How long a step of a plugin may stay pending, in milliseconds. Default 10,000. */
  readonly pendingTimeoutMs?: number
  /**
   * Which part of the whole this gateway is, for limits that count for all of it: 1 divided by the
   * number of gateways that work alike beside each other. Default 1. See `Scope.share`.
   */
  readonly share?: number
  /** A random text that gateways have in common which work alike. See `Scope.sharedSecret`. */
  readonly sharedSecret?: string
  /** The processes that work alike. Default: this one alone. See `Scope.peers`. */
  readonly peers?: Peers
  /** Where another process has ended whose place this one takes. Default: it takes nobody's. */
  readonly resumes?: Resumption
  /**
   * Where relative paths begin in a configuration that is no file: `keys_file = "partners.keys"`.
   * Default: the working directory. Those of a file begin at its folder.
   */
  readonly baseDir?: string
  /**
   * Reads the source of the configuration again and applies it, if plugins ask for that. Without,
   * they cannot.
   */
  readonly reload?: () => Promise<ReloadOutcome>
}

/** Where a gateway goes on that takes the place of another one. */
export interface Resumption {
  /** The number of the first configuration; those after it count up from there. */
  readonly version: number
  /** When the first of them had started. */
  readonly startedAt: Date
}

/** How a configuration is applied. */
export interface ReloadOptions {
  /**
   * Builds anew even if the configuration says what it said before, for the sake of what plugins
   * read besides it. Default false.
   */
  readonly force?: boolean
  /** The caller tells about it, so it is not logged. Default false. */
  readonly quiet?: boolean
}

/** Where a gateway stands in its life. */
export type GatewayState = 'idle' | 'starting' | 'running' | 'draining' | 'stopped'

/** What a configuration says. */
export interface Understood {
  /** With all defaults. */
  readonly blueprint: Blueprint
  readonly problems: readonly ConfigProblem[]
  /** True if a value must not be shown, because it came from outside, such as the environment. */
  isSecret(path: ConfigPath): boolean
}
