/**
 * A body that is wanted more than once: by a retry, or by a shadow request.
 *
 * @module
 */
import { type BodyOutcome, type BodySink, type BodySource, tell } from './body.ts'
import { PassingStage } from './body-stages.ts'
import { errors } from './errors.ts'
import type { HeaderList } from './headers.ts'

/**
 * Keeps what it passes on, up to a limit, so that the body can be sent again. The source behind it
 * is read once: a second consumer gets the kept bytes and then what the first one had not read.
 */
export class ReplayableBody implements BodySink {
  readonly length: number | undefined
  readonly #source: BodySource
  readonly #maxBytes: number
  /** Everything that came; once nothing is kept any more, only what the consumer still lacks. */
  #pieces: Uint8Array[] = []
  #bytes = 0
  /** How many of the pieces the present consumer has had. */
  #next = 0
  #keeping = true
  #overLimit = false
  /** Some bytes are gone for good, so that nobody can begin any more. */
  #lost = false
  #started = false
  #outcome: BodyOutcome | undefined = undefined
  /** The way in for the present consumer; `undefined` once it has given up. */
  #replay: Replay | undefined = undefined
  #sink: BodySink | undefined = undefined
  #sinkPaused = false
  #sourcePaused = false

  constructor(source: BodySource, maxBytes: number) {
    this.length = source.length
    this.#source = source
    this.#maxBytes = maxBytes
  }

  /** False once more has been read than is kept, or the body itself failed. */
  get restorable(): boolean {
    return !this.#overLimit && !(this.#outcome !== undefined && 'error' in this.#outcome)
  }

  /** The body from its beginning. A consumer that still reads is told to stop. */
  replay(): BodySource {
    const sink = this.#sink
    this.#sink = undefined
    this.#next = 0
    this.#replay = new Replay(this)
    sink?.fail(errors.GW_BODY_ABORTED())
    return this.#replay
  }

  /** No consumer will come after the present one: a cancel reaches the source from now on. */
  release(): void {
    this.#keeping = false
    this.#forget()
    if (this.#replay === undefined) this.#giveUp()
  }

  /** @internal */
  attach(replay: Replay, sink: BodySink): void {
    if (this.#lost || replay !== this.#replay) return sink.fail(errors.GW_BODY_ABORTED())
    this.#sink = sink
    this.#sinkPaused = false
    this.#pump()
  }

  /** @internal */
  resume(replay: Replay): void {
    if (replay !== this.#replay) return
    this.#sinkPaused = false
    this.#pump()
  }

  /** The bytes stay for the next consumer unless there can be none. @internal */
  cancel(replay: Replay, error: unknown): void {
    if (replay !== this.#replay) return
    this.#replay = undefined
    this.#sink = undefined
    this.#next = 0
    if (!this.#keeping) this.#giveUp(error)
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    const sink = this.#sink
    const live = sink !== undefined && !this.#sinkPaused && this.#next === this.#pieces.length
    if (this.#keeping || !live) this.#keep(Buffer.from(bytes.subarray(start, end)), live)
    else this.#lost = true
    if (live && !sink.write(bytes, start, end)) this.#sinkPaused = true
    this.#sourcePaused = !live || this.#sinkPaused || this.#sink === undefined
    return !this.#sourcePaused
  }

  end(trailers: HeaderList | undefined): void {
    this.#outcome = { trailers }
    this.#finish()
  }

  fail(error: unknown): void {
    this.#outcome = { error }
    this.#finish()
  }

  #keep(piece: Uint8Array, live: boolean): void {
    this.#pieces.push(piece)
    if (live) this.#next++
    this.#bytes += piece.length
    if (!this.#keeping || this.#bytes <= this.#maxBytes) return
    this.#overLimit = true
    this.#keeping = false
    this.#forget()
  }

  /** Drops what the consumer has had. */
  #forget(): void {
    if (this.#next === 0) return
    this.#pieces = this.#pieces.slice(this.#next)
    this.#next = 0
    this.#lost = true
  }

  #giveUp(error?: unknown): void {
    this.#pieces = []
    this.#lost = true
    if (this.#outcome === undefined) this.#source.cancel(error)
  }

  #pump(): void {
    while (this.#sink !== undefined && !this.#sinkPaused && this.#next < this.#pieces.length) {
      const piece = this.#pieces[this.#next++]
      if (piece !== undefined) this.#sinkPaused = !this.#sink.write(piece, 0, piece.length)
    }
    if (!this.#keeping) this.#forget()
    if (this.#sink === undefined || this.#sinkPaused) return
    if (this.#outcome !== undefined) return this.#finish()
    if (!this.#started) {
      this.#started = true
      this.#source.start(this)
    } else if (this.#sourcePaused) {
      this.#sourcePaused = false
      this.#source.resume()
    }
  }

  /** A consumer that lacks some pieces gets the end after the last of them. */
  #finish(): void {
    const sink = this.#sink
    if (sink === undefined || this.#outcome === undefined) return
    if (this.#next < this.#pieces.length) return
    this.#sink = undefined
    tell(sink, this.#outcome)
  }
}

/** The body for one consumer. What a former consumer still calls does not disturb the next one. */
class Replay implements BodySource {
  readonly #body: ReplayableBody

  constructor(body: ReplayableBody) {
    this.#body = body
  }

  get length(): number | undefined {
    return this.#body.length
  }

  start(sink: BodySink): void {
    this.#body.attach(this, sink)
  }

  resume(): void {
    this.#body.resume(this)
  }

  cancel(error?: unknown): void {
    this.#body.cancel(this, error)
  }
}

/** A body that goes on only as long as somebody else reads it. */
export interface AbandonableSource extends BodySource {
  /** Nobody will read the rest of the original: fails unless everything has come. */
  abandon(): void
}

/**
 * Gives one body to two consumers. The first decides the pace; what the second has not taken is
 * queued up to a limit, above which the second fails and the first goes on.
 */
export function teeBody(
  source: BodySource,
  maxQueuedBytes: number,
): readonly [main: BodySource, copy: AbandonableSource] {
  const copy = new QueuedCopy(source.length, maxQueuedBytes)
  return [new TeeSource(source, copy), copy]
}

class TeeSource extends PassingStage {
  readonly #copy: QueuedCopy

  constructor(source: BodySource, copy: QueuedCopy) {
    super(source)
    this.#copy = copy
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    this.#copy.push(bytes, start, end)
    return this.sink?.write(bytes, start, end) ?? false
  }

  override end(trailers: HeaderList | undefined): void {
    this.#copy.finish({ trailers })
    super.end(trailers)
  }

  override fail(error: unknown): void {
    this.#copy.finish({ error })
    super.fail(error)
  }

  override cancel(error?: unknown): void {
    this.#copy.finish({ error: errors.GW_BODY_ABORTED(undefined, { cause: error }) })
    super.cancel(error)
  }
}

class QueuedCopy implements AbandonableSource {
  readonly length: number | undefined
  readonly #maxBytes: number
  #queue: Uint8Array[] = []
  #queuedBytes = 0
  #sink: BodySink | undefined = undefined
  #paused = true
  #cancelled = false
  #outcome: BodyOutcome | undefined = undefined

  constructor(length: number | undefined, maxBytes: number) {
    this.length = length
    this.#maxBytes = maxBytes
  }

  start(sink: BodySink): void {
    this.#sink = sink
    this.resume()
  }

  resume(): void {
    this.#paused = false
    while (!this.#paused && !this.#cancelled) {
      const piece = this.#queue.shift()
      if (piece === undefined) break
      this.#queuedBytes -= piece.length
      if (this.#sink?.write(piece, 0, piece.length) === false) this.#paused = true
    }
    this.#tellOutcome()
  }

  cancel(): void {
    this.#cancelled = true
    this.#queue = []
  }

  abandon(): void {
    this.finish({ error: errors.GW_BODY_ABORTED() })
  }

  push(bytes: Uint8Array, start: number, end: number): void {
    if (this.#cancelled || this.#outcome !== undefined) return
    if (!this.#paused && this.#queue.length === 0 && this.#sink !== undefined) {
      if (!this.#sink.write(bytes, start, end)) this.#paused = true
      return
    }
    this.#queuedBytes += end - start
    if (this.#queuedBytes > this.#maxBytes) {
      return this.finish({ error: errors.GW_BODY_TOO_LARGE({ limit: this.#maxBytes }) })
    }
    this.#queue.push(Buffer.from(bytes.subarray(start, end)))
  }

  finish(outcome: BodyOutcome): void {
    if (this.#outcome !== undefined) return
    this.#outcome = outcome
    // A copy that will not be whole need not be read any further.
    if ('error' in outcome) this.#queue = []
    this.#tellOutcome()
  }

  #tellOutcome(): void {
    const sink = this.#sink
    if (sink === undefined || this.#outcome === undefined) return
    if (this.#cancelled || this.#queue.length > 0) return
    this.#sink = undefined
    tell(sink, this.#outcome)
  }
}
