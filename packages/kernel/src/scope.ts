/**
 * What a factory may reach while it makes an instance.
 *
 * @module
 */
import type { Logger } from 'pino'
import type { Peers } from './peers.ts'
import type { Service } from './service.ts'
import type { StepObserver } from './steps.ts'

/**
 * What a factory may reach while it makes one instance for one snapshot. Its members may be taken
 * apart: `create(options, { keep, log })`.
 */
export interface Scope {
  /** Label of the configuration block, such as `auth-jwt`. */
  readonly name: string
  /** Bound to the kind, type and name of the block. */
  readonly log: Logger
  /**
   * True if the block says `dry_run`: decide, log and count, but reject nothing. Filters need not
   * look, since the kernel lets what they would reject pass; arounds and body limits do.
   */
  readonly dryRun: boolean
  /**
   * Which part of the whole this gateway is, above 0 and at most 1: 0.25 for one of four processes
   * that work alike. A limit on what all of them may do together is to be multiplied with it.
   */
  readonly share: number
  /**
   * A random text that all processes know that work alike, if whoever started them gave them one: for
   * what one of them signs and another one checks. Each start has another one.
   */
  readonly sharedSecret: string | undefined
  /** The processes that work alike, this one included. */
  readonly peers: Peers
  /**
   * The absolute form of a path that stands in the options. A relative one begins at the folder of
   * the configuration file that has the block; without a file, at `baseDir` of the gateway.
   */
  readonly resolvePath: (path: string) => string
  /** Of the same snapshot; found when first used, so blocks may refer to later ones. */
  readonly service: (name: string) => Service
  /**
   * A resource that outlives a reload: handed on if the next snapshot asks for the same key before
   * this one is retired, disposed when no snapshot holds it. All blocks of a plugin share its keys:
   * put everything that makes two resources different into the key, and {@link Scope.name} unless
   * blocks shall share one. A key that begins with the name of a scoped package and a colon, such as
   * `@acme/metrics:…`, is that of the package, whichever plugin uses it.
   */
  readonly keep: <T extends Disposable | AsyncDisposable>(key: string, create: () => T) => T
  /**
   * Runs when the snapshot has become the active one. Probes, watchers and pools start here: a
   * configuration that is only checked, or refused, never gets this far.
   */
  readonly onActivate: (fn: () => void) => void
  /**
   * Runs when the snapshot is not the active one any more: another one has taken its place, and what
   * that one wanted to start has been started; or the gateway stops. Exchanges of this one may go on
   * for a while. What must not go on beside its successor stops here, such as probes.
   */
  readonly onDeactivate: (fn: () => void) => void
  /**
   * Looks at the steps of this configuration: all that middlewares, service features and taps do for
   * exchanges. For sections, which are made before all else; without effect in other blocks.
   */
  readonly observeSteps: (observer: StepObserver) => void
  /** Runs when the snapshot is retired. Last registered runs first. */
  readonly defer: (fn: () => void | Promise<void>) => void
  /** Disposes the resource when the snapshot is retired, as {@link Scope.defer} would; returns it. */
  readonly use: <T extends Disposable | AsyncDisposable>(resource: T) => T
  /** Aborts when the snapshot is retired: for whatever takes a signal, such as `fetch`. */
  readonly signal: AbortSignal
  /**
   * Calls back every so many milliseconds while the snapshot is the active one: from
   * {@link Scope.onActivate} to {@link Scope.onDeactivate}. Does not keep the process alive; is not
   * called while its last promise is pending; what it throws is logged. Disposing ends it early.
   */
  readonly setInterval: (fn: () => unknown, ms: number) => Disposable
  /** The same, once: so many milliseconds after the snapshot has become the active one, or after now. */
  readonly setTimeout: (fn: () => unknown, ms: number) => Disposable
}
