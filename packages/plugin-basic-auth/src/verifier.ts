import { Worker } from 'node:worker_threads'
import { errors } from './errors.ts'
import type { Answer, Question } from './verify-thread.ts'

/** How many passwords may wait; even expensive ones are done before their exchanges time out. */
const mostWaiting = 32

interface Job extends Question {
  readonly resolve: (fits: boolean) => void
  readonly reject: (error: unknown) => void
}

/** What a verifier may be made with, by tests. */
export interface VerifierOptions {
  readonly entry?: URL
  readonly maxWaiting?: number
  /** Time without work after which the thread ends and gives its memory back. */
  readonly idleMs?: number
}

/**
 * Verifies slow hashes in one thread of its own, one after the other: however many passwords are
 * tried, they take one processor at most, none of it from the event loop or from the pool in which
 * files and names are looked up. The thread starts with the first password.
 */
export class Verifier implements AsyncDisposable {
  readonly #entry: URL
  readonly #maxWaiting: number
  readonly #idleMs: number
  readonly #waiting: Job[] = []
  #current: Job | undefined = undefined
  #worker: Worker | undefined = undefined
  #idle: NodeJS.Timeout | undefined = undefined
  #ended = false

  constructor(options: VerifierOptions = {}) {
    this.#entry = options.entry ?? threadEntry()
    this.#maxWaiting = options.maxWaiting ?? mostWaiting
    this.#idleMs = options.idleMs ?? 30_000
  }

  /** True while there is a thread. */
  get running(): boolean {
    return this.#worker !== undefined
  }

  /** Rejects with GW_BASIC_AUTH_BUSY or GW_BASIC_AUTH_VERIFIER. */
  async isPasswordOf(hash: string, password: string): Promise<boolean> {
    if (this.#ended) throw errors.GW_BASIC_AUTH_VERIFIER({ problem: 'the gateway stops' })
    if (this.#waiting.length >= this.#maxWaiting) {
      throw errors.GW_BASIC_AUTH_BUSY(undefined, { headers: ['retry-after', '1'] })
    }
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    this.#waiting.push({ hash, password, resolve, reject })
    if (this.#current === undefined) this.#next()
    return await promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true
    clearTimeout(this.#idle)
    await this.#endThread('the gateway stops')
    const error = errors.GW_BASIC_AUTH_VERIFIER({ problem: 'the gateway stops' })
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }

  #next(): void {
    clearTimeout(this.#idle)
    const job = this.#waiting.shift()
    this.#current = job
    if (job === undefined) return this.#rest()
    this.#worker ??= this.#start()
    this.#worker.ref()
    this.#worker.postMessage({ hash: job.hash, password: job.password } satisfies Question)
  }

  #start(): Worker {
    // It needs nothing of this process: no flags, no environment with its secrets.
    const worker = new Worker(this.#entry, { execArgv: [], env: {}, name: 'passwords' })
    worker.on('message', (answer: Answer) => this.#settle(answer))
    // Whoever the crash is about, the others go on with a new thread.
    const crash = (problem: string): void => {
      if (this.#worker !== worker) return
      this.#worker = undefined
      this.#settle({ problem })
    }
    worker.on('error', (error) => crash(error instanceof Error ? error.message : String(error)))
    worker.on('exit', () => crash('its thread ended'))
    return worker
  }

  #settle(answer: Answer): void {
    const job = this.#current
    this.#current = undefined
    if ('fits' in answer) job?.resolve(answer.fits)
    else job?.reject(errors.GW_BASIC_AUTH_VERIFIER({ problem: answer.problem }))
    if (!this.#ended) this.#next()
  }

  #rest(): void {
    this.#worker?.unref()
    this.#idle = setTimeout(() => void this.#endThread('idle'), this.#idleMs).unref()
  }

  async #endThread(problem: string): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    this.#current?.reject(errors.GW_BASIC_AUTH_VERIFIER({ problem }))
    this.#current = undefined
    await worker?.terminate()
  }
}

/** Sources run as they are; a build has JavaScript only. */
function threadEntry(): URL {
  const source = new URL('./verify-thread.ts', import.meta.url)
  return import.meta.url.endsWith('.ts') ? source : new URL('./verify-thread.js', import.meta.url)
}
