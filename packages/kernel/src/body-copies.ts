/**
 * A body that is wanted more than once: by a retry, or by a shadow request.
 *
 * @module
 */
import type { BodySink, BodySource } from './body.ts'
import { errors } from './errors.ts'
import type { HeaderList } from './headers.ts'

/**
 * Keeps what it passes on, up to a limit, so that the body can be sent again. The source behind it
 * is read once: a second consumer gets the kept bytes and then what the first one had not read.
 */
export class ReplayableSource implements BodySource, BodySink {
  readonly #source: BodySource
  readonly #maxBytes: number
  #kept: Uint8Array[] = []
  #keptBytes = 0
  #overLimit = false
  #started = false
  #outcome: { readonly trailers: HeaderList | undefined; readonly error: unknown } | undefined =
    undefined
  #sink: BodySink | undefined = undefined
  /** Kept pieces that the present consumer has had; -1 once it reads live. */
  #next = 0
  #released = false

  constructor(source: BodySource, maxBytes: number) {
    this.#source = source
    this.#maxBytes = maxBytes
  }

  get length(): number | undefined {
    return this.#source.length
  }

  /** False once more has been read than is kept, or the body itself failed. */
  get restorable(): boolean {
    return !this.#overLimit && this.#outcome?.error === undefined
  }

  start(sink: BodySink): void {
    this.#sink = sink
    this.#next = 0
    this.#replay()
  }

  resume(): void {
    if (this.#next >= 0) return this.#replay()
    this.#source.resume()
  }

  /** The consumer gives up; the bytes stay for the next one unless that was the last. */
  cancel(error?: unknown): void {
    this.#sink = undefined
    if (this.#released) this.#source.cancel(error)
  }

  /** No further consumer will come: a cancel reaches the source from now on. */
  release(): void {
    this.#released = true
    this.#kept = []
    if (this.#sink === undefined && this.#outcome === undefined) this.#source.cancel()
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    this.#keep(bytes, start, end)
    return this.#sink?.write(bytes, start, end) ?? false
  }

  end(trailers: HeaderList | undefined): void {
    this.#outcome = { trailers, error: undefined }
    this.#finish()
  }

  fail(error: unknown): void {
    this.#outcome = { trailers: undefined, error }
    this.#finish()
  }

  #keep(bytes: Uint8Array, start: number, end: number): void {
    if (this.#overLimit || this.#released) return
    this.#keptBytes += end - start
    if (this.#keptBytes > this.#maxBytes) {
      this.#overLimit = true
      this.#kept = []
      return
    }
    this.#kept.push(Buffer.from(bytes.subarray(start, end)))
  }

  #replay(): void {
    while (this.#next < this.#kept.length) {
      const piece = this.#kept[this.#next++]
      const sink = this.#sink
      if (sink === undefined || piece === undefined) return
      if (!sink.write(piece, 0, piece.length)) return
    }
    if (this.#sink === undefined) return
    this.#next = -1
    if (this.#outcome !== undefined) return this.#finish()
    if (this.#started) return this.#source.resume()
    this.#started = true
    this.#source.start(this)
  }

  #finish(): void {
    const sink = this.#sink
    // A consumer that still replays gets the end after its last kept piece.
    if (sink === undefined || this.#outcome === undefined || this.#next >= 0) return
    this.#sink = undefined
    const { trailers, error } = this.#outcome
    if (error === undefined) sink.end(trailers)
    else sink.fail(error)
  }
}

/**
 * Gives one body to two consumers. The first decides the pace; what the second has not taken is
 * queued up to a limit, above which the second fails and the first goes on.
 */
export function teeBody(
  source: BodySource,
  maxQueuedBytes: number,
): readonly [main: BodySource, copy: BodySource] {
  const copy = new QueuedCopy(source, maxQueuedBytes)
  return [new TeeSource(source, copy), copy]
}

class TeeSource implements BodySource, BodySink {
  readonly #source: BodySource
  readonly #copy: QueuedCopy
  #sink: BodySink | undefined = undefined

  constructor(source: BodySource, copy: QueuedCopy) {
    this.#source = source
    this.#copy = copy
  }

  get length(): number | undefined {
    return this.#source.length
  }

  start(sink: BodySink): void {
    this.#sink = sink
    this.#source.start(this)
  }

  resume(): void {
    this.#source.resume()
  }

  cancel(error?: unknown): void {
    this.#sink = undefined
    this.#copy.fail(errors.GW_BODY_ABORTED(undefined, { cause: error }))
    this.#source.cancel(error)
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    this.#copy.push(bytes, start, end)
    return this.#sink?.write(bytes, start, end) ?? false
  }

  end(trailers: HeaderList | undefined): void {
    this.#copy.end(trailers)
    this.#sink?.end(trailers)
  }

  fail(error: unknown): void {
    this.#copy.fail(error)
    this.#sink?.fail(error)
  }
}

class QueuedCopy implements BodySource {
  readonly length: number | undefined
  readonly #maxBytes: number
  #queue: Uint8Array[] = []
  #queuedBytes = 0
  #sink: BodySink | undefined = undefined
  #paused = true
  #cancelled = false
  #outcome: { readonly trailers: HeaderList | undefined; readonly error: unknown } | undefined =
    undefined

  constructor(source: BodySource, maxBytes: number) {
    this.length = source.length
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
    this.#finish()
  }

  cancel(): void {
    this.#cancelled = true
    this.#queue = []
  }

  push(bytes: Uint8Array, start: number, end: number): void {
    if (this.#cancelled || this.#outcome !== undefined) return
    if (!this.#paused && this.#sink !== undefined) {
      if (!this.#sink.write(bytes, start, end)) this.#paused = true
      return
    }
    this.#queuedBytes += end - start
    if (this.#queuedBytes > this.#maxBytes) {
      this.fail(errors.GW_BODY_TOO_LARGE({ limit: this.#maxBytes }))
      return
    }
    this.#queue.push(Buffer.from(bytes.subarray(start, end)))
  }

  end(trailers: HeaderList | undefined): void {
    this.#outcome ??= { trailers, error: undefined }
    this.#finish()
  }

  fail(error: unknown): void {
    if (this.#outcome !== undefined) return
    this.#outcome = { trailers: undefined, error }
    this.#queue = []
    this.#finish()
  }

  #finish(): void {
    const sink = this.#sink
    if (sink === undefined || this.#outcome === undefined) return
    if (this.#cancelled || this.#queue.length > 0) return
    this.#sink = undefined
    const { trailers, error } = this.#outcome
    if (error === undefined) sink.end(trailers)
    else sink.fail(error)
  }
}
