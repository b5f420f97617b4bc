import { sharedDeadlines, type Timed } from '@gatewright/http1'
import {
  type BodySource,
  type Exchange,
  PassingStage,
  type UpgradedStream,
} from '@gatewright/kernel'

/** Ends a connection in order once nothing has moved in it for too long. */
export class IdleStream implements UpgradedStream, Timed {
  dueAt: number
  readonly source: BodySource
  readonly #inner: UpgradedStream
  readonly #idleMs: number

  constructor(inner: UpgradedStream, idleMs: number, exchange: Exchange) {
    this.#inner = inner
    this.#idleMs = idleMs
    this.source = new MovedStage(inner.source, this)
    this.dueAt = sharedDeadlines.later(idleMs)
    sharedDeadlines.add(this)
    exchange.defer(() => this.#stop())
  }

  connect(client: BodySource): void {
    this.#inner.connect(new MovedStage(client, this))
  }

  destroy(error?: unknown): void {
    this.#stop()
    this.#inner.destroy(error)
  }

  expire(): void {
    this.destroy()
  }

  /** Bytes have moved, in whichever direction. */
  moved(): void {
    this.dueAt = sharedDeadlines.later(this.#idleMs)
  }

  #stop(): void {
    sharedDeadlines.remove(this)
  }
}

/** One direction. */
class MovedStage extends PassingStage {
  readonly #stream: IdleStream

  constructor(source: BodySource, stream: IdleStream) {
    super(source)
    this.#stream = stream
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    this.#stream.moved()
    return this.sink?.write(bytes, start, end) ?? false
  }
}
