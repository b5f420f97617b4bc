import type { Wire } from '../wire/wire.ts'

/** Above it the wire pauses. */
const maxBytes = 64 * 1024

/** What a client sent after its present request, kept until its turn comes. */
export class ReadAhead {
  readonly #wire: Wire
  #bytes: Buffer | undefined = undefined
  /** What was taken last; parts of it may come back without being copied. */
  #taken: Buffer | undefined = undefined
  #full = false

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** True if anything is kept. */
  get pending(): boolean {
    return this.#bytes !== undefined
  }

  /** Keeps bytes, which may be empty, behind those that are kept already. */
  add(buf: Buffer, start: number, end: number): void {
    if (start === end) return
    const part = buf.subarray(start, end)
    if (this.#bytes !== undefined) this.#bytes = Buffer.concat([this.#bytes, part])
    else this.#bytes = buf === this.#taken ? part : Buffer.from(part)
    if (this.#bytes.length < maxBytes || this.#full) return
    this.#full = true
    this.#wire.pause()
  }

  /** Hands out everything. The bytes stay as they are. */
  take(): Buffer | undefined {
    const bytes = this.#bytes
    this.#taken = bytes
    this.#bytes = undefined
    if (this.#full) {
      this.#full = false
      this.#wire.resume()
    }
    return bytes
  }

  clear(): void {
    this.take()
    this.#taken = undefined
  }
}
