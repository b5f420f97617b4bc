const invalid = 255
const padding = 254
const space = 253

/** What each byte means: 0 to 63, or one of those above. */
const values: Uint8Array = new Uint8Array(256).fill(invalid)
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i
values[0x3d] = padding
values[0x0a] = space
values[0x0d] = space

/**
 * Decodes base64 (RFC 4648 section 4) that comes in pieces. Padding may stand between pieces too:
 * clients encode each message by itself, and put them after one another.
 */
export class Base64Decoder {
  #bits = 0
  /** Characters of the present group of four. */
  #count = 0
  #pads = 0

  /** What these bytes say; `undefined` if they are no base64. */
  decode(bytes: Uint8Array, start: number, end: number): Buffer | undefined {
    const decoded = Buffer.allocUnsafe(3 * Math.ceil((end - start + 3) / 4))
    let length = 0
    for (let i = start; i < end; i++) {
      const value = values[bytes[i] ?? 0] ?? invalid
      if (value === space) continue
      if (!this.#take(value)) return undefined
      if (this.#count + this.#pads < 4) continue
      length = this.#flush(decoded, length)
    }
    return decoded.subarray(0, length)
  }

  /** The rest, of a text that was not padded; `undefined` if it ends in the middle of a byte. */
  finish(): Buffer | undefined {
    if (this.#count === 1 || this.#pads > 0) return undefined
    const rest = Buffer.allocUnsafe(3)
    this.#bits <<= 6 * (4 - this.#count)
    this.#pads = 4 - this.#count
    return this.#count === 0 ? rest.subarray(0, 0) : rest.subarray(0, this.#flush(rest, 0))
  }

  #take(value: number): boolean {
    if (value === padding) {
      if (this.#count < 2) return false
      this.#pads++
      this.#bits <<= 6
      return true
    }
    if (value === invalid || this.#pads > 0) return false
    this.#count++
    this.#bits = (this.#bits << 6) | value
    return true
  }

  #flush(into: Buffer, at: number): number {
    into[at] = this.#bits >> 16
    into[at + 1] = this.#bits >> 8
    into[at + 2] = this.#bits
    const end = at + 3 - this.#pads
    this.#bits = 0
    this.#count = 0
    this.#pads = 0
    return end
  }
}
