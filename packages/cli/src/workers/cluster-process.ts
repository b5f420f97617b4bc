/**
 * Worker processes on `node:cluster`: its primary opens each listening socket once and hands it to
 * every worker that asks for the address.
 *
 * @module
 */
import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import type { Ending, WorkerProcess } from './member.ts'
import type { Order, Report } from './messages.ts'

// The compiler rewrites imports, not URLs.
const entry = new URL(
  import.meta.url.endsWith('.ts') ? './entry.ts' : './entry.js',
  import.meta.url,
)

/** Starts a worker process. */
export function spawnWorker(): WorkerProcess {
  // Without this the primary would accept every connection itself.
  cluster.schedulingPolicy = cluster.SCHED_NONE
  cluster.setupPrimary({ exec: fileURLToPath(entry), args: [], serialization: 'json' })
  return new ClusterProcess()
}

class ClusterProcess implements WorkerProcess {
  readonly #worker = cluster.fork()
  #ending: Ending | undefined = undefined
  #connected = true
  readonly #onEnd: ((ending: Ending) => void)[] = []

  constructor() {
    const { process } = this.#worker
    this.#worker.on('error', (error: Error) => {
      // It was never there; whatever else goes wrong with a process ends it as well.
      if (process.pid === undefined) this.#end({ code: null, signal: null, error })
    })
    process.once('exit', (code, signal) => this.#end({ code, signal }))
    process.once('disconnect', () => {
      this.#connected = false
      this.#tell()
    })
  }

  get pid(): number | undefined {
    return this.#worker.process.pid
  }

  send(order: Order): void {
    // That it did not arrive shows when the process ends.
    if (this.#worker.isConnected()) this.#worker.process.send(order, () => {})
  }

  signal(signal: NodeJS.Signals): void {
    this.#worker.process.kill(signal)
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL')
  }

  onReport(listener: (report: Report) => void): void {
    // Nobody else writes to this channel.
    this.#worker.on('message', (message) => listener(message as Report))
  }

  onEnd(listener: (ending: Ending) => void): void {
    this.#onEnd.push(listener)
  }

  #end(ending: Ending): void {
    if (ending.error !== undefined) this.#connected = false
    this.#ending ??= ending
    this.#tell()
  }

  /** The last reports may come after the end of the process. */
  #tell(): void {
    if (this.#ending === undefined || this.#connected) return
    for (const listener of this.#onEnd.splice(0)) listener(this.#ending)
  }
}
