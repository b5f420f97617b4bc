import { sharedDeadlines, type Timed } from '@gatewright/http1'
import {
  type Attempt,
  type BodySink,
  type BodySource,
  type GatewayError,
  noteFirstByte,
  PassingStage,
  type RequestContext,
} from '@gatewright/kernel'
import { errors } from './errors.ts'

const never = Number.POSITIVE_INFINITY

/** How long the parts of a stream may take, in milliseconds; 0 means without a bound. */
export interface StreamBounds {
  readonly firstByteMs: number
  readonly idleMs: number
  readonly totalMs: number
}

/**
 * Passes a stream on as it comes, and ends it if it takes too long. The time during which the client
 * takes nothing is not the upstream's and counts for the whole only.
 */
export class TimedStream extends PassingStage implements Timed {
  dueAt: number = never
  readonly #bounds: StreamBounds
  readonly #ctx: RequestContext
  readonly #attempt: Attempt
  readonly #totalDueAt: number
  #begun = false
  #paused = false

  constructor(source: BodySource, bounds: StreamBounds, ctx: RequestContext, attempt: Attempt) {
    super(source)
    this.#bounds = bounds
    this.#ctx = ctx
    this.#attempt = attempt
    this.#totalDueAt = bounds.totalMs === 0 ? never : attempt.startedAt + bounds.totalMs
  }

  override start(sink: BodySink): void {
    sharedDeadlines.add(this)
    this.#touch()
    super.start(sink)
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    const { sink } = this
    // A chunk of no bytes is no sign of life.
    if (sink === undefined || start === end) return sink !== undefined
    if (!this.#begun) {
      this.#begun = true
      noteFirstByte(this.#ctx)
    }
    this.#paused = !sink.write(bytes, start, end)
    this.#touch()
    return !this.#paused
  }

  override resume(): void {
    this.#paused = false
    this.#touch()
    super.resume()
  }

  override cancel(error?: unknown): void {
    this.#stop()
    super.cancel(error)
  }

  override end(trailers: Parameters<BodySink['end']>[0]): void {
    this.#stop()
    super.end(trailers)
  }

  override fail(error: unknown): void {
    this.#stop()
    super.fail(error)
  }

  expire(now: number): void {
    const error = this.#errorAt(now)
    // A server whose stream is over by the clock has done nothing wrong.
    if (error.source === 'upstream') this.#attempt.break(error)
    this.source.cancel(error)
    this.fail(error)
  }

  #errorAt(now: number): GatewayError {
    const endpoint = this.#attempt.endpoint.url.origin
    const { firstByteMs, idleMs, totalMs } = this.#bounds
    if (this.#totalDueAt <= now) {
      return errors.GW_STREAMING_TOTAL_TIMEOUT({ endpoint, timeoutMs: totalMs })
    }
    return this.#begun
      ? errors.GW_STREAMING_IDLE_TIMEOUT({ endpoint, timeoutMs: idleMs })
      : errors.GW_STREAMING_FIRST_BYTE_TIMEOUT({ endpoint, timeoutMs: firstByteMs })
  }

  /** Something moved: whatever is due next is due later. */
  #touch(): void {
    const { firstByteMs, idleMs } = this.#bounds
    const patienceMs = this.#begun ? idleMs : firstByteMs
    const due = this.#paused ? never : sharedDeadlines.later(patienceMs)
    this.dueAt = Math.min(due, this.#totalDueAt)
  }

  #stop(): void {
    this.dueAt = never
    sharedDeadlines.remove(this)
  }
}
