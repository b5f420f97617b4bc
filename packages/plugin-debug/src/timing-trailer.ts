import { type BodySource, HeaderList, PassingStage } from '@gatewright/kernel'

/** Adds a `Server-Timing` trailer to a body. */
export class TimingTrailer extends PassingStage {
  readonly #value: () => string

  /** @param value Asked once the body is through. */
  constructor(source: BodySource, value: () => string) {
    super(source)
    this.#value = value
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    return this.sink?.write(bytes, start, end) ?? false
  }

  override end(trailers: HeaderList = new HeaderList()): void {
    trailers.append('server-timing', this.#value())
    super.end(trailers)
  }
}
