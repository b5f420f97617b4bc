import type { ReloadOutcome } from '@gatewright/kernel'
import { type RecordedLogs, recordLogs } from '@gatewright/testing'
import { Fleet } from '../../src/workers/fleet.ts'
import type { Ending, WorkerProcess } from '../../src/workers/member.ts'
import type { Order, Report, WorkerConfig } from '../../src/workers/messages.ts'

/** What a fake worker does with a configuration: the name of its file decides. */
export type Temper = (config: WorkerConfig, process: FakeProcess) => Report | undefined

/** A worker that is none: obeys at once. */
export class FakeProcess implements WorkerProcess {
  readonly pid: number
  readonly orders: Order[] = []
  readonly signals: NodeJS.Signals[] = []
  ended = false
  readonly #temper: Temper
  readonly #onReport: ((report: Report) => void)[] = []
  readonly #onEnd: ((ending: Ending) => void)[] = []

  constructor(pid: number, temper: Temper) {
    this.pid = pid
    this.#temper = temper
  }

  /** The configuration that it was given last. */
  get file(): string | undefined {
    const given = this.orders.findLast((order) => 'config' in order)
    return given?.config.file
  }

  send(order: Order): void {
    if (this.ended) return
    this.orders.push(order)
    if (order.type === 'drain') {
      this.say({ type: 'leaving' })
      this.end({ code: 0, signal: null })
      return
    }
    if (order.type !== 'start' && order.type !== 'reload') return
    const report = this.#temper(order.config, this)
    if (report !== undefined) this.say(report)
    if (order.type === 'start' && report?.type === 'refused') this.end({ code: 1, signal: null })
  }

  signal(signal: NodeJS.Signals): void {
    this.signals.push(signal)
  }

  kill(): void {
    this.end({ code: null, signal: 'SIGKILL' })
  }

  say(report: Report): void {
    for (const listener of this.#onReport) listener(report)
  }

  end(ending: Ending): void {
    if (this.ended) return
    this.ended = true
    for (const listener of this.#onEnd) listener(ending)
  }

  onReport(listener: (report: Report) => void): void {
    this.#onReport.push(listener)
  }

  onEnd(listener: (ending: Ending) => void): void {
    this.#onEnd.push(listener)
  }
}

/** A fleet of fake workers. */
export class FakeFleet {
  readonly processes: FakeProcess[] = []
  readonly logs: RecordedLogs = recordLogs()
  readonly fleet: Fleet
  temper: Temper
  reload: () => Promise<ReloadOutcome> = () => Promise.reject(new Error('not expected'))

  constructor(workers: number, temper: Temper = obey) {
    this.temper = temper
    const { log } = this.logs
    this.fleet = new Fleet(
      {
        log,
        logLevel: 'info',
        json: true,
        spawn: () => this.#spawn(),
        reload: () => this.reload(),
      },
      { config: configOf('first'), workers, timeoutMs: 10_000, version: 1 },
    )
  }

  get alive(): readonly FakeProcess[] {
    return this.processes.filter(({ ended }) => !ended)
  }

  #spawn(): FakeProcess {
    const decide: Temper = (config, one) => this.temper(config, one)
    const process = new FakeProcess(this.processes.length + 1, decide)
    this.processes.push(process)
    queueMicrotask(() => process.say({ type: 'hello' }))
    return process
  }
}

export function configOf(file: string): WorkerConfig {
  return { file, text: '', addresses: {} }
}

export const obey: Temper = () => ({
  type: 'applied',
  addresses: [],
  version: 1,
  hash: '',
  routers: 0,
  services: 0,
  tookMs: 0,
})

/** Refuses configurations of that name. */
export function refusing(file: string, exitCode: 1 | 3 = 1): Temper {
  return (config, process) =>
    config.file === file
      ? { type: 'refused', failure: { exitCode, code: 'GW_NO', title: 'no', diagnostics: [] } }
      : obey(config, process)
}
