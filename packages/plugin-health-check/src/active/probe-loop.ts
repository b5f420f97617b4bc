import { problemOf } from '@gatewright/kernel'
import type { Prober } from './prober.ts'

/** Above this a timer of Node runs at once. */
const maxDelayMs = 2 ** 31 - 1

/** When a server is asked. */
export interface Pace {
  /** Milliseconds from the end of a probe to the next one. */
  readonly intervalMs: number
  readonly timeoutMs: number
  /** Part of the interval. */
  readonly jitter: number
}

/** Asks one server again and again, from its beginning on. */
export class ProbeLoop implements Disposable {
  readonly #server: URL
  readonly #prober: Prober
  readonly #pace: Pace
  readonly #onResult: (problem: string | undefined) => void
  #timer: NodeJS.Timeout | undefined = undefined
  #running: AbortController | undefined = undefined
  #stopped = false

  /** @param onResult Told what is wrong, or nothing if all is well; never after the end. */
  constructor(
    server: URL,
    prober: Prober,
    pace: Pace,
    onResult: (problem: string | undefined) => void,
  ) {
    this.#server = server
    this.#prober = prober
    this.#pace = pace
    this.#onResult = onResult
    void this.#probe()
  }

  [Symbol.dispose](): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#running?.abort()
  }

  async #probe(): Promise<void> {
    const problem = await this.#ask()
    if (this.#stopped) return
    this.#onResult(problem)
    const { intervalMs, jitter } = this.#pace
    const delayMs = Math.min(intervalMs * (1 + jitter * (2 * Math.random() - 1)), maxDelayMs)
    this.#timer = setTimeout(() => void this.#probe(), delayMs).unref()
  }

  /** What is wrong with the server; nothing if all is well. */
  async #ask(): Promise<string | undefined> {
    const { timeoutMs } = this.#pace
    const running = new AbortController()
    this.#running = running
    const expire = (): void => running.abort(new Error(`no answer within ${timeoutMs} ms`))
    const timer = setTimeout(expire, timeoutMs).unref()
    try {
      await this.#prober.probe(this.#server, running.signal)
      return undefined
    } catch (error) {
      return problemOf(running.signal.aborted ? running.signal.reason : error)
    } finally {
      clearTimeout(timer)
    }
  }
}
