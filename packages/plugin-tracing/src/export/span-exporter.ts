import { setImmediate } from 'node:timers/promises'
import type { Scope } from '@gatewright/kernel'
import type { Span } from '../spans/span.ts'
import { Collector } from './collector.ts'
import { encodeSpans, type Resource } from './otlp-json.ts'
import { type PauseBefore, pauseBefore } from './pauses.ts'

/** Where spans go, and in which portions. */
export interface ExportSettings {
  readonly endpoint: URL
  readonly headers: Readonly<Record<string, string>>
  readonly resource: Resource
  readonly batchSize: number
  readonly batchDelayMs: number
  readonly queueSize: number
  /** For tests. */
  readonly pauseBefore?: PauseBefore
}

/** Why spans did not arrive. */
export type Loss = 'queue_full' | 'failed' | 'rejected'

const maxTries = 5
/** How long the end of the process may be held up, in milliseconds. */
const farewellMs = 2000

/**
 * Sends spans in batches, one after the other. Nobody waits for it: what does not fit into its queue
 * is dropped and counted.
 */
export class SpanExporter implements AsyncDisposable {
  /** Spans that the collector has taken. */
  exported = 0
  readonly lost: Record<Loss, number> = { queue_full: 0, failed: 0, rejected: 0 }
  readonly #settings: ExportSettings
  readonly #log: Scope['log']
  readonly #collector: Collector
  #queue: Span[] = []
  #timer: NodeJS.Timeout | undefined = undefined
  #sending: Promise<void> | undefined = undefined
  /** Ends the pause before the next try. */
  #wake: (() => void) | undefined = undefined
  /** It was told that spans are lost. */
  #told = false
  #closing = false
  #closed = false

  constructor(settings: ExportSettings, log: Scope['log']) {
    this.#settings = settings
    this.#log = log
    this.#collector = new Collector(settings.endpoint, settings.headers)
  }

  /** Spans that wait. */
  get queued(): number {
    return this.#queue.length
  }

  add(span: Span): void {
    const { queueSize } = this.#settings
    if (this.#closed || this.#queue.length >= queueSize) {
      this.lost.queue_full++
      this.#tell('the collector is too slow')
      return
    }
    this.#queue.push(span)
    this.#schedule()
  }

  /** Sends what waits, which is done by itself after a while. Comes back when that has been tried. */
  async flush(): Promise<void> {
    while (this.#queue.length > 0 || this.#sending !== undefined) {
      this.#send()
      await this.#sending
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true
    this.#wake?.()
    const cut = setTimeout(() => this.#cut(), farewellMs)
    await this.flush()
    clearTimeout(cut)
    this.#cut()
  }

  #schedule(): void {
    const { batchSize, batchDelayMs } = this.#settings
    if (this.#queue.length >= batchSize) return this.#send()
    this.#timer ??= setTimeout(() => this.#send(), batchDelayMs).unref()
  }

  #send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#sending !== undefined) return
    const batch = this.#queue.splice(0, this.#settings.batchSize)
    if (batch.length === 0) return
    this.#sending = this.#deliver(batch)
      .catch((error: unknown) => this.#failed(batch.length, error))
      .finally(() => {
        this.#sending = undefined
        if (this.#queue.length > 0) this.#schedule()
      })
  }

  async #deliver(batch: readonly Span[]): Promise<void> {
    const body = await this.#encode(batch)
    for (let tries = 1; !this.#closed; tries++) {
      const outcome = await this.#collector.send(body)
      if (outcome.kind === 'taken') return this.#taken(batch.length, outcome.rejected)
      this.#tell(outcome.problem)
      if (outcome.kind === 'refused' || tries === maxTries || this.#closing) break
      await this.#pause(tries, outcome.afterMs)
    }
    this.lost.failed += batch.length
  }

  async #encode(batch: readonly Span[]): Promise<string> {
    let body = ''
    const epochMs = Date.now() - performance.now()
    for (const piece of encodeSpans(batch, this.#settings.resource, epochMs)) {
      body += piece
      await setImmediate()
    }
    return body
  }

  #pause(tries: number, afterMs: number | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, (this.#settings.pauseBefore ?? pauseBefore)(tries, afterMs))
    timer.unref()
    this.#wake = () => {
      clearTimeout(timer)
      resolve()
    }
    return promise
  }

  /** Nobody knows why; nothing else may suffer from it. */
  #failed(spans: number, error: unknown): void {
    this.lost.failed += spans
    this.#log.error({ err: error }, 'spans could not be sent')
  }

  #taken(spans: number, rejected: number): void {
    this.exported += spans - rejected
    this.lost.rejected += rejected
    if (rejected > 0) return this.#tell(`it has rejected ${rejected} spans`)
    if (this.#told) this.#log.info('spans arrive at the collector again')
    this.#told = false
  }

  #tell(problem: string): void {
    if (this.#told) return
    this.#told = true
    const { origin } = this.#settings.endpoint
    this.#log.warn({ collector: origin, problem }, 'spans do not reach the collector')
  }

  #cut(): void {
    this.#closed = true
    this.#collector[Symbol.dispose]()
  }
}
