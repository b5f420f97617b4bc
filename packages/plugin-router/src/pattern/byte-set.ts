/** Some of the 256 bytes. */
export class ByteSet {
  readonly #members: Uint8Array = new Uint8Array(256)

  static of(...bytes: readonly number[]): ByteSet {
    const set = new ByteSet()
    for (const byte of bytes) set.addRange(byte, byte)
    return set
  }

  has(byte: number): boolean {
    return this.#members[byte] === 1
  }

  addRange(first: number, last: number): this {
    this.#members.fill(1, first, last + 1)
    return this
  }

  addAll(other: ByteSet): this {
    for (let byte = 0; byte < 256; byte++) if (other.has(byte)) this.#members[byte] = 1
    return this
  }

  /** What is not in this set. */
  inverse(): ByteSet {
    const set = new ByteSet()
    for (let byte = 0; byte < 256; byte++) if (!this.has(byte)) set.addRange(byte, byte)
    return set
  }

  /** This set and every ASCII letter whose other case is in it. */
  withBothCases(): ByteSet {
    const set = new ByteSet().addAll(this)
    for (let upper = 0x41; upper <= 0x5a; upper++) {
      const lower = upper + 0x20
      if (this.has(upper)) set.addRange(lower, lower)
      if (this.has(lower)) set.addRange(upper, upper)
    }
    return set
  }
}

const digit: ByteSet = new ByteSet().addRange(0x30, 0x39)

/** Letters, digits and the underscore: what `\w` and `\b` go by. */
export const wordBytes: ByteSet = new ByteSet()
  .addAll(digit)
  .addRange(0x41, 0x5a)
  .addRange(0x61, 0x7a)
  .addRange(0x5f, 0x5f)

/** What `.` stands for: any byte but a line feed. */
export const anyByte: ByteSet = ByteSet.of(0x0a).inverse()

const space = ByteSet.of(0x20, 0x09, 0x0a, 0x0c, 0x0d)

/** What the escapes of classes stand for, by letter. */
export const escapedClasses: ReadonlyMap<string, ByteSet> = new Map([
  ['d', digit],
  ['D', digit.inverse()],
  ['w', wordBytes],
  ['W', wordBytes.inverse()],
  ['s', space],
  ['S', space.inverse()],
])
