import { Transform, type TransformCallback } from 'node:stream'

const lf = 0x0a
const cr = 0x0d

/**
 * Ends every event of a stream with a comment that has its number, `: 3`. Each piece leaves as soon
 * as it has come; between two of them, all that is kept is a number and whether a line is empty.
 */
export class EventNumbers extends Transform {
  readonly #onEvent: (count: number) => void
  #count = 0
  #lineIsEmpty = true
  #eventIsEmpty = true

  constructor(onEvent: (count: number) => void) {
    super()
    this.#onEvent = onEvent
  }

  override _transform(piece: Buffer, _: BufferEncoding, done: TransformCallback): void {
    let from = 0
    for (let index = 0; index < piece.length; index += 1) {
      const byte = piece[index]
      if (byte === cr) continue
      if (byte !== lf) {
        this.#lineIsEmpty = false
        this.#eventIsEmpty = false
      } else if (!this.#lineIsEmpty) {
        this.#lineIsEmpty = true
      } else if (!this.#eventIsEmpty) {
        // After the empty line, where it belongs to no event: nothing that came is held back.
        this.push(piece.subarray(from, index + 1))
        this.push(`: ${this.#next()}\n`)
        from = index + 1
      }
    }
    done(null, piece.subarray(from))
  }

  #next(): number {
    this.#eventIsEmpty = true
    this.#count += 1
    this.#onEvent(this.#count)
    return this.#count
  }
}
