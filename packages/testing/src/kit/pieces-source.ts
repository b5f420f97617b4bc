import type { BodySink, BodySource, HeaderList } from '@gatewright/kernel'
import type { Pieces } from '../upstream/reply.ts'

/** A body that comes in pieces, each when it is asked for, and may end with trailers. */
export class PiecesSource implements BodySource {
  readonly length = undefined
  readonly #pieces: Pieces
  readonly #trailers: HeaderList | undefined
  #over = false
  #ready: PromiseWithResolvers<void> | undefined = undefined

  constructor(pieces: Pieces, trailers: HeaderList | undefined) {
    this.#pieces = pieces
    this.#trailers = trailers
  }

  start(sink: BodySink): void {
    this.#pour(sink).catch((error: unknown) => {
      if (!this.#over) sink.fail(error)
      this.#over = true
    })
  }

  resume(): void {
    this.#ready?.resolve()
    this.#ready = undefined
  }

  cancel(): void {
    this.#over = true
    this.resume()
  }

  async #pour(sink: BodySink): Promise<void> {
    for await (const piece of this.#pieces) {
      if (this.#over) return
      const bytes = Buffer.from(piece)
      if (sink.write(bytes, 0, bytes.length)) continue
      this.#ready = Promise.withResolvers()
      await this.#ready.promise
    }
    if (this.#over) return
    this.#over = true
    sink.end(this.#trailers)
  }
}
