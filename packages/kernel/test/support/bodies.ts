import type { BodySink, BodySource } from '../../src/body.ts'
import type { HeaderList } from '../../src/headers.ts'

/** What a source was asked for. */
export type SourceEvent = 'start' | 'resume' | 'cancel'

/**
 * A body whose pieces the test pushes, or that pushes them itself as fast as it may. Overwrites each
 * piece after the call, as a read buffer would be.
 */
export class PushedSource implements BodySource {
  readonly events: SourceEvent[] = []
  cancelledWith: unknown = undefined
  readonly #pieces: Uint8Array[]
  readonly #outcome: 'end' | 'fail' | 'open'
  readonly #length: number | undefined
  readonly #trailers: HeaderList | undefined
  #sink: BodySink | undefined = undefined
  #next = 0

  constructor(
    pieces: readonly (string | Uint8Array)[],
    outcome: 'end' | 'fail' | 'open' = 'end',
    rest: { readonly length?: number; readonly trailers?: HeaderList } = {},
  ) {
    this.#pieces = pieces.map((piece) => Buffer.from(piece))
    this.#outcome = outcome
    this.#length = rest.length
    this.#trailers = rest.trailers
  }

  get length(): number | undefined {
    return this.#length
  }

  get cancelled(): boolean {
    return this.events.includes('cancel')
  }

  get started(): boolean {
    return this.events.includes('start')
  }

  start(sink: BodySink): void {
    this.events.push('start')
    this.#sink = sink
    this.#pump()
  }

  resume(): void {
    this.events.push('resume')
    this.#pump()
  }

  cancel(error?: unknown): void {
    this.events.push('cancel')
    this.cancelledWith = error
    this.#sink = undefined
  }

  /** Adds a piece to an open body and offers it at once. */
  push(piece: string): boolean {
    return this.#offer(Buffer.from(piece))
  }

  end(trailers?: HeaderList): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.end(trailers)
  }

  fail(error: unknown): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.fail(error)
  }

  #pump(): void {
    while (this.#sink !== undefined && this.#next < this.#pieces.length) {
      const piece = this.#pieces[this.#next++]
      if (piece !== undefined && !this.#offer(piece)) return
    }
    if (this.#sink === undefined || this.#outcome === 'open') return
    if (this.#outcome === 'end') this.end(this.#trailers)
    else this.fail(new Error('the wire broke'))
  }

  #offer(piece: Uint8Array): boolean {
    // A window into a larger buffer, as protocols give.
    const slab = Buffer.alloc(piece.length + 4, 0x2e)
    slab.set(piece, 2)
    const more = this.#sink?.write(slab, 2, 2 + piece.length) ?? false
    slab.fill(0x21)
    return more
  }
}

/** Takes a body and can refuse to take more. */
export class CollectingSink implements BodySink {
  trailers: HeaderList | undefined = undefined
  error: unknown = undefined
  outcome: 'pending' | 'ended' | 'failed' = 'pending'
  /** Calls after the end, or while the source had to pause. */
  readonly violations: string[] = []
  readonly #done = Promise.withResolvers<void>()
  readonly #pieces: Buffer[] = []
  readonly #pauses: () => boolean
  #paused = false

  /** @param pauses Asked after each piece; true makes the source wait. */
  constructor(pauses: () => boolean = () => false) {
    this.#pauses = pauses
  }

  get text(): string {
    return Buffer.concat(this.#pieces).toString('latin1')
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#pieces)
  }

  get paused(): boolean {
    return this.#paused
  }

  /** Comes back when the body has ended or failed. */
  get done(): Promise<void> {
    return this.#done.promise
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.outcome !== 'pending') this.violations.push(`write after ${this.outcome}`)
    if (this.#paused) this.violations.push('write while paused')
    this.#pieces.push(Buffer.from(bytes.subarray(start, end)))
    this.#paused = this.#pauses()
    return !this.#paused
  }

  end(trailers: HeaderList | undefined): void {
    if (this.outcome !== 'pending') this.violations.push(`end after ${this.outcome}`)
    this.outcome = 'ended'
    this.trailers = trailers
    this.#done.resolve()
  }

  fail(error: unknown): void {
    if (this.outcome !== 'pending') this.violations.push(`fail after ${this.outcome}`)
    this.outcome = 'failed'
    this.error = error
    this.#done.resolve()
  }

  /** Lets a source that pauses go on. */
  resume(source: BodySource): void {
    this.#paused = false
    source.resume()
  }
}

/** Reads a body to its end, whatever its pauses. */
export async function readAll(
  source: BodySource | undefined,
  pauses: () => boolean = () => false,
): Promise<CollectingSink> {
  const sink = new CollectingSink(pauses)
  if (source === undefined) {
    sink.end(undefined)
    return sink
  }
  source.start(sink)
  while (sink.outcome === 'pending') {
    if (sink.paused) sink.resume(source)
    else await Promise.race([sink.done, new Promise(setImmediate)])
  }
  return sink
}
