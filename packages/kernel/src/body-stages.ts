/**
 * What can be put between a source and its sink without making the body into a stream.
 *
 * @module
 */
import type { Duplex } from 'node:stream'
import type { BodySink, BodySource } from './body.ts'
import type { HeaderList } from './headers.ts'

/** Passes a body on and looks at it; the base of the other stages. */
abstract class PassingStage implements BodySource, BodySink {
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
      this.#observe(bytes.subarray(start, end))
    } catch (error) {
      this.source.cancel(error)
      this.fail(error)
      return false
    }
    return this.sink?.write(bytes, start, end) ?? false
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

/** Tells when the body ends and with which trailers. */
export class TrailerSource extends PassingStage {
  readonly #done: (trailers: HeaderList | undefined, error: unknown) => void

  constructor(
    source: BodySource,
    done: (trailers: HeaderList | undefined, error: unknown) => void,
  ) {
    super(source)
    this.#done = done
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    return this.sink?.write(bytes, start, end) ?? false
  }

  override end(trailers: HeaderList | undefined): void {
    this.#done(trailers, undefined)
    super.end(trailers)
  }

  override fail(error: unknown): void {
    this.#done(undefined, error)
    super.fail(error)
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
  #duplex: Duplex | undefined = undefined
  #sink: BodySink | undefined = undefined
  #trailers: HeaderList | undefined = undefined

  constructor(source: BodySource, create: () => Duplex) {
    this.#source = source
    this.#create = create
  }

  start(sink: BodySink): void {
    this.#sink = sink
    let duplex: Duplex
    try {
      duplex = this.#create()
    } catch (error) {
      this.#source.cancel(error)
      return this.#fail(error)
    }
    this.#duplex = duplex
    duplex.on('data', (chunk: Buffer) => {
      if (this.#sink?.write(chunk, 0, chunk.length) === false) duplex.pause()
    })
    duplex.on('end', () => this.#end())
    duplex.on('error', (error) => {
      this.#source.cancel(error)
      this.#fail(error)
    })
    duplex.on('drain', () => this.#source.resume())
    this.#source.start({
      // The transform works after this call, so it gets a copy.
      write: (bytes, start, end) => duplex.write(Buffer.from(bytes.subarray(start, end))),
      end: (trailers) => {
        this.#trailers = trailers
        duplex.end()
      },
      fail: (error) => {
        this.#fail(error)
        duplex.destroy()
      },
    })
  }

  resume(): void {
    this.#duplex?.resume()
  }

  cancel(error?: unknown): void {
    this.#sink = undefined
    this.#source.cancel(error)
    this.#duplex?.destroy()
  }

  #end(): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.end(this.#trailers)
  }

  #fail(error: unknown): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.fail(error)
  }
}
