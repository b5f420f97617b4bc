/** The bytes that belong to an id; those of another id differ. */
export function contentOf(id: number, size: number): Buffer {
  return size === 0 ? Buffer.alloc(0) : Buffer.alloc(size, `${id} `)
}

/** Checks a body as it arrives. */
export class ContentCheck {
  readonly #pattern: Buffer
  /** After so many bytes the content begins anew. */
  readonly #period: number
  readonly #size: number
  #seen = 0
  #same = true

  constructor(id: number, size: number) {
    const period = `${id} `.length
    this.#pattern = contentOf(id, 65_536 + period)
    this.#period = period
    this.#size = size
  }

  take(bytes: Buffer): void {
    for (let from = 0; from < bytes.length; from += 65_536) {
      const piece = bytes.subarray(from, from + 65_536)
      const shift = (this.#seen + from) % this.#period
      this.#same &&=
        this.#pattern.compare(piece, 0, piece.length, shift, shift + piece.length) === 0
    }
    this.#seen += bytes.length
  }

  /** Throws unless exactly the content has come. */
  finish(): void {
    if (this.#seen !== this.#size) throw new Error(`body of ${this.#seen} bytes, not ${this.#size}`)
    if (!this.#same) throw new Error('body with other bytes')
  }
}
