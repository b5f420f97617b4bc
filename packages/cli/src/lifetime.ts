import { constants } from 'node:os'
import type { Logger } from 'pino'
import { type ExitCode, exitCodes } from './exit-code.ts'

type StopSignal = 'SIGINT' | 'SIGTERM'

/**
 * How long the process is to live: until SIGINT or SIGTERM, or until something goes wrong that
 * nobody caught. Keeps the process alive while it stands.
 *
 * The second SIGINT or SIGTERM ends the process at once, with 128 plus the number of the signal.
 */
export class Lifetime implements Disposable {
  /** Comes with the first reason to stop. */
  readonly ended: Promise<ExitCode>
  readonly #log: Logger
  readonly #end: (exitCode: ExitCode) => void
  readonly #keepAlive = setInterval(() => {}, 2 ** 30)
  #stopping = false
  #canDrain = false
  #reload: (() => void) | undefined = undefined
  #reloadWanted = false

  constructor(log: Logger) {
    this.#log = log
    const { promise, resolve } = Promise.withResolvers<ExitCode>()
    this.ended = promise
    this.#end = resolve
    process.on('SIGINT', this.#onStop)
    process.on('SIGTERM', this.#onStop)
    process.on('SIGHUP', this.#onHangUp)
    process.on('uncaughtException', this.#onException)
    process.on('unhandledRejection', this.#onRejection)
  }

  /**
   * From now on there is something to drain, and SIGHUP calls `reload`; at once if it came before.
   */
  begin(reload: () => void): void {
    this.#canDrain = true
    this.#reload = reload
    if (this.#reloadWanted) reload()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#keepAlive)
    process.off('SIGINT', this.#onStop)
    process.off('SIGTERM', this.#onStop)
    process.off('SIGHUP', this.#onHangUp)
    process.off('uncaughtException', this.#onException)
    process.off('unhandledRejection', this.#onRejection)
  }

  readonly #onStop = (signal: StopSignal): void => {
    if (this.#stopping) {
      this.#log.warn({ signal }, 'ended without draining')
      process.exit(128 + constants.signals[signal])
    }
    this.#stopping = true
    this.#log.info({ signal }, 'draining; a second signal ends it at once')
    this.#end(exitCodes.ok)
  }

  readonly #onHangUp = (): void => {
    if (this.#reload === undefined) this.#reloadWanted = true
    else this.#reload()
  }

  readonly #onException = (error: unknown): void => this.#crash(error, 'uncaught exception')

  readonly #onRejection = (error: unknown): void => this.#crash(error, 'unhandled rejection')

  /** Nobody knows what state the process is in, but exchanges that still work may end. */
  #crash(error: unknown, kind: string): void {
    this.#log.fatal({ err: error, kind }, 'something failed that nobody caught')
    if (!this.#canDrain) process.exit(exitCodes.failed)
    if (!this.#stopping) this.#log.info('draining; a signal ends it at once')
    this.#stopping = true
    this.#end(exitCodes.failed)
  }
}
