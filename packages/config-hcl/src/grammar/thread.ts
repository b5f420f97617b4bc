import { Worker } from 'node:worker_threads'
import { errors } from '../errors.ts'
import type { GrammarReply, GrammarRequest } from './grammar.ts'

export interface GrammarThreadOptions {
  readonly entry?: URL
  /** Time without work after which the thread ends and gives its memory back. */
  readonly idleMs?: number
  /** Time for one request. A file of 1 MiB takes about 2 s. */
  readonly timeoutMs?: number
}

/**
 * The one thread in which the parser runs. It is started by the first request, never keeps the
 * process alive while it has none, and is replaced after it died or hung.
 */
export class GrammarThread {
  readonly #entry: URL
  readonly #idleMs: number
  readonly #timeoutMs: number
  #worker: Worker | undefined
  #last: Promise<unknown> = Promise.resolve()
  #idle: NodeJS.Timeout | undefined

  constructor(options: GrammarThreadOptions = {}) {
    this.#entry = options.entry ?? workerEntry()
    this.#idleMs = options.idleMs ?? 10_000
    this.#timeoutMs = options.timeoutMs ?? 30_000
  }

  get running(): boolean {
    return this.#worker !== undefined
  }

  /** Throws GW_CONFIG_PARSER if the thread dies or does not answer in time. */
  async ask(request: GrammarRequest): Promise<GrammarReply> {
    // One at a time, so that a crash has one victim.
    const reply = this.#last.then(() => this.#exchange(request))
    this.#last = reply.catch(() => undefined)
    return await reply
  }

  /** Ends the thread; a request after that starts it again. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last
    clearTimeout(this.#idle)
    await this.#worker?.terminate()
    this.#worker = undefined
  }

  async #exchange(request: GrammarRequest): Promise<GrammarReply> {
    clearTimeout(this.#idle)
    this.#worker ??= this.#start()
    const worker = this.#worker
    worker.ref()
    try {
      return await this.#reply(worker, request)
    } catch (error) {
      this.#worker = undefined
      await worker.terminate()
      const problem = error instanceof Error ? error.message : String(error)
      throw errors.GW_CONFIG_PARSER({ problem }, { cause: error })
    } finally {
      worker.unref()
      this.#idle = setTimeout(() => this.#end(), this.#idleMs).unref()
    }
  }

  #start(): Worker {
    // The parser needs nothing of this process: no flags, no environment with its secrets.
    const worker = new Worker(this.#entry, { execArgv: [], env: {}, name: 'hcl' })
    const forget = (): void => {
      if (this.#worker === worker) this.#worker = undefined
    }
    worker.on('error', forget)
    worker.on('exit', forget)
    return worker
  }

  #end(): void {
    void this.#worker?.terminate()
    this.#worker = undefined
  }

  async #reply(worker: Worker, request: GrammarRequest): Promise<GrammarReply> {
    const { promise, resolve, reject } = Promise.withResolvers<GrammarReply>()
    const onExit = (): void => reject(new Error('its thread ended'))
    const timer = setTimeout(() => {
      reject(new Error(`no answer within ${this.#timeoutMs} ms`))
    }, this.#timeoutMs)
    worker.once('message', resolve).once('error', reject).once('exit', onExit)
    worker.postMessage(request)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      worker.off('message', resolve).off('error', reject).off('exit', onExit)
    }
  }
}

/** Sources run as they are; a build has JavaScript only. */
function workerEntry(): URL {
  const source = new URL('./worker.ts', import.meta.url)
  return import.meta.url.endsWith('.ts') ? source : new URL('./worker.js', import.meta.url)
}
