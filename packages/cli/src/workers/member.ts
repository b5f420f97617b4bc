import { exitCodes } from '../exit-code.ts'
import type { Description } from '../running/messages.ts'
import type {
  Applied,
  Described,
  Order,
  Refused,
  Report,
  StartOrder,
  WorkerConfig,
} from './messages.ts'
import { Pulse } from './pulse.ts'

/** A process that was started to be a worker. */
export interface WorkerProcess {
  readonly pid: number | undefined
  send(order: Order): void
  signal(signal: NodeJS.Signals): void
  /** Ends it at once. */
  kill(): void
  onReport(listener: (report: Report) => void): void
  /** Called once; the process may never have come to life. */
  onEnd(listener: (ending: Ending) => void): void
}

/** How a worker ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: string | null
  readonly error?: Error
}

/** What became of a configuration that a worker was given. */
export type Outcome = Applied | Refused

/** One worker process as the supervisor sees it, from its start to its end. */
export class Member {
  readonly worker: number
  readonly process: WorkerProcess
  readonly pulse: Pulse
  readonly startedAt: number
  /** The outcome of its first configuration. Never rejects. */
  readonly started: Promise<Outcome>
  readonly ended: Promise<Ending>
  /** What it was given last. */
  config: WorkerConfig
  ready = false
  /** True from when it drains; it serves no new connection then. */
  leaving = false
  gone = false
  /** True once the supervisor let it go. */
  dismissed = false
  #description: PromiseWithResolvers<Description> | undefined = undefined
  #answer = Promise.withResolvers<Outcome>()

  constructor(process: WorkerProcess, order: StartOrder, timeoutMs: number, now: number) {
    this.process = process
    this.worker = order.worker
    this.config = order.config
    this.startedAt = now
    this.pulse = new Pulse(timeoutMs, now)
    this.started = this.#answer.promise.then((outcome) => {
      this.ready = outcome.type === 'applied' && !this.gone
      if (this.ready) this.pulse.settle()
      return outcome
    })
    const { promise, resolve } = Promise.withResolvers<Ending>()
    this.ended = promise
    process.onEnd((ending) => {
      this.gone = true
      this.ready = false
      this.#answer.resolve(lost(this.worker))
      this.#takeDescription({ problem: 'its worker ended' })
      resolve(ending)
    })
    process.onReport((report) => {
      if (report.type === 'hello') process.send(order)
      else if (report.type === 'described') this.#takeDescription(report)
      else if (report.type === 'applied' || report.type === 'refused') this.#take(report)
    })
  }

  /** Gives a worker that is ready another configuration. One at a time. */
  reload(config: WorkerConfig): Promise<Outcome> {
    if (this.gone) return Promise.resolve(lost(this.worker))
    this.#answer = Promise.withResolvers()
    this.config = config
    this.process.send({ type: 'reload', config })
    return this.#answer.promise
  }

  /** Asks a worker that is ready what it runs. */
  async describe(key?: string): Promise<Description> {
    // One at a time, since answers do not say which question they are for.
    while (this.#description !== undefined) await this.#description.promise.catch(() => undefined)
    if (this.gone) throw new Error('its worker ended')
    this.#description = Promise.withResolvers()
    this.process.send({ type: 'describe', ...(key !== undefined && { key }) })
    return await this.#description.promise
  }

  /** Lets it end what it does; comes back when it has ended. */
  async drain(idleMs: number): Promise<void> {
    this.leaving = true
    this.dismissed = true
    if (!this.gone) this.process.send({ type: 'drain', idleMs })
    await this.ended
  }

  #take(outcome: Outcome): void {
    // It ends by itself then, as it has to.
    if (outcome.type === 'refused' && !this.ready) this.leaving = true
    this.#answer.resolve(outcome)
  }

  #takeDescription({ description, problem }: Pick<Described, 'description' | 'problem'>): void {
    const asked = this.#description
    this.#description = undefined
    if (description !== undefined) asked?.resolve(description)
    else asked?.reject(new Error(problem))
  }
}

function lost(worker: number): Refused {
  return {
    type: 'refused',
    failure: {
      exitCode: exitCodes.failed,
      code: 'GW_WORKER_LOST',
      title: `worker ${worker} ended before it had taken the configuration`,
      diagnostics: [],
    },
  }
}
