import type { OpenResponse } from '../memory/memory-clients.ts'
import type { MemoryResponse } from '../memory/memory-message.ts'
import { fieldRecord } from '../wire/fields.ts'

/** A response that a test reads while it comes. */
export class StreamedResponse implements AsyncIterable<Buffer>, Disposable {
  readonly status: number
  /** Values by name, in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly #open: OpenResponse
  readonly #pieces: Buffer[] = []
  #more = Promise.withResolvers<void>()
  #taken = Promise.withResolvers<void>()
  readonly #ended: Promise<MemoryResponse>
  #over = false
  #flowing = false

  /** @internal */
  constructor(open: OpenResponse) {
    this.#open = open
    this.status = open.status
    this.headers = fieldRecord(open.rawHeaders)
    this.#ended = open
      .read((piece) => this.#take(piece))
      .finally(() => {
        this.#over = true
        this.#more.resolve()
      })
  }

  /** The next piece; `undefined` at the end. The one after it is not asked for before. */
  async next(): Promise<Buffer | undefined> {
    while (this.#pieces.length === 0 && !this.#over) {
      await this.#more.promise
      this.#more = Promise.withResolvers()
    }
    const piece = this.#pieces.shift()
    this.#taken.resolve()
    return piece
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    for (let piece = await this.next(); piece !== undefined; piece = await this.next()) yield piece
  }

  /** Reads the rest; the result has everything, from the first piece on. */
  toEnd(): Promise<MemoryResponse> {
    this.#flowing = true
    this.#taken.resolve()
    return this.#ended
  }

  /** Goes away, as a client that wants no more. */
  abort(): void {
    this.#open.abort()
    this.#flowing = true
    this.#taken.resolve()
  }

  [Symbol.dispose](): void {
    this.abort()
  }

  #take(piece: Buffer): Promise<void> | undefined {
    this.#pieces.push(piece)
    this.#more.resolve()
    if (this.#flowing) return undefined
    this.#taken = Promise.withResolvers()
    return this.#taken.promise
  }
}
