import { constants } from 'node:os'
import type { Gateway } from '@gatewright/kernel'
import type { Logger } from 'pino'
import { forbidExits } from './containment.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'

type StopSignal = 'SIGINT' | 'SIGTERM'

/** What signals ask for besides the end. */
export interface Requests {
  /** SIGHUP. */
  reload(): void
  /** SIGUSR2. */
  roll(): void
  /** SIGUSR1: files of logs are to be opened again. Who writes them hears the signal, too. */
  reopen(): void
}

/**
 * How long the process is to live: until SIGINT or SIGTERM, or until something goes wrong that
 * nobody caught, and that is no plugin's. Keeps the process alive while it stands.
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
  #requests: Requests | undefined = undefined
  readonly #early = new Set<keyof Requests>()
  /** The gateway whose plugins may let errors go. */
  #gateway: Gateway | undefined = undefined
  #allowExits: () => void = () => {}
  readonly #stopSignals: readonly StopSignal[]

  constructor(log: Logger, stopSignals: readonly StopSignal[] = ['SIGINT', 'SIGTERM']) {
    this.#log = log
    this.#stopSignals = stopSignals
    const { promise, resolve } = Promise.withResolvers<ExitCode>()
    this.ended = promise
    this.#end = resolve
    for (const signal of stopSignals) process.on(signal, this.#onStop)
    process.on('SIGHUP', this.#onHangUp)
    process.on('SIGUSR2', this.#onUser)
    // Else Node would open its debugger for everybody on the machine.
    process.on('SIGUSR1', this.#onReopen)
    process.on('uncaughtException', this.#onException)
    process.on('unhandledRejection', this.#onRejection)
  }

  /** True once there is a reason to stop. */
  get ending(): boolean {
    return this.#stopping
  }

  /** From now on errors of its plugins are contained. */
  watchOver(gateway: Gateway): void {
    this.#gateway = gateway
    this.#allowExits = forbidExits(gateway)
  }

  /** From now on there is something to drain, and somebody to ask; at once for what came before. */
  begin(requests: Requests): void {
    this.#canDrain = true
    this.#requests = requests
    for (const request of this.#early) requests[request]()
  }

  /** What the signal asks for; remembered if there is nobody to ask yet. */
  ask(request: keyof Requests): void {
    if (this.#requests === undefined) this.#early.add(request)
    else this.#requests[request]()
  }

  /** A reason to stop that is no signal. */
  end(): void {
    this.#stopping = true
    this.#end(exitCodes.ok)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#keepAlive)
    this.#allowExits()
    for (const signal of this.#stopSignals) process.off(signal, this.#onStop)
    process.off('SIGHUP', this.#onHangUp)
    process.off('SIGUSR2', this.#onUser)
    process.off('SIGUSR1', this.#onReopen)
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

  readonly #onHangUp = (): void => this.ask('reload')

  readonly #onUser = (): void => this.ask('roll')

  readonly #onReopen = (): void => this.ask('reopen')

  readonly #onException = (error: unknown): void => this.#crash(error, 'uncaught exception')

  readonly #onRejection = (error: unknown): void => this.#crash(error, 'unhandled rejection')

  /** Nobody knows what state the process is in, but exchanges that still work may end. */
  #crash(error: unknown, kind: string): void {
    if (this.#gateway?.strays.contain(error) === true) return
    this.#log.fatal({ err: error, kind }, 'something failed that nobody caught')
    if (!this.#canDrain) process.exit(exitCodes.failed)
    if (!this.#stopping) this.#log.info('draining; a signal ends it at once')
    this.#stopping = true
    this.#end(exitCodes.failed)
  }
}
