import { mask } from './frame.ts'

const firstBytes = 256
const nothing = Buffer.alloc(0)

/** The content of a message that is not complete yet, however small its pieces are. */
export class HeldMessage {
  #bytes: Buffer = nothing
  #length = 0

  get content(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  /**
   * Adds a copy of `bytes[start, end)`, without its mask.
   * @param offset Where in the payload of its frame `start` is.
   */
  add(bytes: Uint8Array, start: number, end: number, key: Uint8Array, offset: number): void {
    const from = this.#length
    this.#length += end - start
    if (this.#length > this.#bytes.length) this.#grow()
    this.#bytes.set(bytes.subarray(start, end), from)
    mask(this.#bytes, from, this.#length, key, offset)
  }

  #grow(): void {
    const grown = Buffer.allocUnsafe(Math.max(firstBytes, this.#bytes.length * 2, this.#length))
    this.#bytes.copy(grown)
    this.#bytes = grown
  }
}
