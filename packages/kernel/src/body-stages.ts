/**
 * What can be put between a source and its sink without making the body into a stream.
 *
 * @module
 */
import type { Duplex } from 'node:stream'
import { isThenable } from './awaitable.ts'
import { type BodyOutcome, type BodySink, type BodySource, StreamSource } from './body.ts'
import { errors } from './errors.ts'
import type { HeaderList } from './headers.ts'

/** Passes a body on; each stage says what it does with the bytes. */
export abstract class PassingStage implements BodySource, BodySink {
  protected readonly source: BodySource
  protected sink: BodySink | undefined = undefined

  constructor(source: BodySource) {
    this.source = source
  }

  get length(): number | undefined {
    return this.source.length
  }

  start(sink: BodySink): void {
    this.sink = sink
    this.source.start(this)
  }

  resume(): void {
    this.source.resume()
  }

  cancel(error?: unknown): void {
    this.sink = undefined
    this.source.cancel(error)
  }

  abstract write(bytes: Uint8Array, start: number, end: number): boolean

  end(trailers: HeaderList | undefined): void {
    const sink = this.sink
    this.sink = undefined
    sink?.end(trailers)
  }

  fail(error: unknown): void {
    const sink = this.sink
    this.sink = undefined
    sink?.fail(error)
  }
}

/** Calls back with each piece as it goes by. The bytes are valid during the call only. */
export class ObservedSource extends PassingStage {
  readonly #observe: (bytes: Uint8Array) => void

  constructor(source: BodySource, observe: (bytes: Uint8Array) => void) {
    super(source)
    this.#observe = observe
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    try {
      // An async function passes for one that returns nothing.
      const pending: unknown = this.#observe(bytes.subarray(start, end))
      if (isThenable(pending)) pending.then(undefined, (error: unknown) => this.#break(error))
    } catch (error) {
      this.#break(error)
      return false
    }
    return this.sink?.write(bytes, start, end) ?? false
  }

  #break(error: unknown): void {
    // A body that is over can no longer fail.
    if (this.sink === undefined) return
    this.source.cancel(error)
    this.fail(error)
  }
}

/** Fails as soon as more than `max` bytes have come; none beyond that is passed on. */
export class LimitedSource extends PassingStage {
  readonly #max: number
  readonly #makeError: () => unknown
  #seen = 0

  constructor(source: BodySource, max: number, makeError: () => unknown) {
    super(source)
    this.#max = max
    this.#makeError = makeError
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    this.#seen += end - start
    if (this.#seen > this.#max) {
      const error = this.#makeError()
      this.source.cancel(error)
      this.fail(error)
      return false
    }
    return this.sink?.write(bytes, start, end) ?? false
  }
}

/** Tells how the body ends and with which trailers. */
export class TrailerSource extends PassingStage {
  readonly #settle: (outcome: BodyOutcome) => void

  constructor(source: BodySource, settle: (outcome: BodyOutcome) => void) {
    super(source)
    this.#settle = settle
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    return this.sink?.write(bytes, start, end) ?? false
  }

  override end(trailers: HeaderList | undefined): void {
    this.#settle({ trailers })
    super.end(trailers)
  }

  override fail(error: unknown): void {
    this.#settle({ error })
    super.fail(error)
  }

  override cancel(error?: unknown): void {
    this.#settle({ error: errors.GW_BODY_ABORTED(undefined, { cause: error }) })
    super.cancel(error)
  }
}

/** Puts trailers after a body that brings none of its own, such as a stream. */
export class TrailingSource extends PassingStage {
  readonly #trailers: PromiseLike<HeaderList>

  constructor(source: BodySource, trailers: PromiseLike<HeaderList>) {
    super(source)
    this.#trailers = trailers
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    return this.sink?.write(bytes, start, end) ?? false
  }

  override end(): void {
    this.#trailers.then(
      (trailers) => super.end(trailers),
      (error: unknown) => super.fail(error),
    )
  }
}

/** Sends a body through a transform stream, such as a compressor; its length is then unknown. */
export class TransformedSource implements BodySource {
  readonly length = undefined
  readonly #source: BodySource
  readonly #create: () => Duplex
  /** What comes out of the transform. */
  #output: StreamSource | undefined = undefined
  #complete = false
  #trailers: HeaderList | undefined = undefined

  constructor(source: BodySource, create: () => Duplex) {
    this.#source = source
    this.#create = create
  }

  start(sink: BodySink): void {
    let duplex: Duplex
    try {
      duplex = this.#create()
    } catch (error) {
      this.#source.cancel(error)
      return sink.fail(error)
    }
    const output = new StreamSource(duplex)
    this.#output = output
    duplex.on('drain', () => this.#source.resume())
    output.start({
      write: (bytes, start, end) => sink.write(bytes, start, end),
      end: () => {
        if (!this.#complete) this.#source.cancel()
        sink.end(this.#trailers)
      },
      fail: (error) => {
        if (!this.#complete) this.#source.cancel(error)
        sink.fail(error)
      },
    })
    this.#source.start({
      // The transform works after this call, so it gets a copy.
      write: (bytes, start, end) => duplex.write(Buffer.from(bytes.subarray(start, end))),
      end: (trailers) => {
        this.#complete = true
        this.#trailers = trailers
        duplex.end()
      },
      fail: (error) => {
        output.cancel()
        sink.fail(error)
      },
    })
  }

  resume(): void {
    this.#output?.resume()
  }

  cancel(error?: unknown): void {
    this.#source.cancel(error)
    this.#output?.cancel()
  }
}
