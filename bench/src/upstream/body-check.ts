/** Compares a request body with the expected one, as it comes in. */
export interface BodyCheck {
  /** True once the whole body has come, right or wrong. */
  readonly complete: boolean
  /** False if a byte was wrong, or there were too few or too many. */
  readonly right: boolean
  /** Takes what belongs to the body; returns how many bytes that were. 0 means that more is needed. */
  take(bytes: Buffer): number
}

/** A body with a `Content-Length`. */
export class CountedBodyCheck implements BodyCheck {
  readonly #expected: Buffer
  readonly #length: number
  #at = 0
  #right: boolean

  constructor(expected: Buffer, length: number) {
    this.#expected = expected
    this.#length = length
    this.#right = length === expected.length
  }

  get complete(): boolean {
    return this.#at === this.#length
  }

  get right(): boolean {
    return this.#right
  }

  take(bytes: Buffer): number {
    const length = Math.min(bytes.length, this.#length - this.#at)
    this.#right &&= matches(this.#expected, this.#at, bytes, length)
    this.#at += length
    return length
  }
}

/** A body with `Transfer-Encoding: chunked` and without trailers, as several proxies send it on. */
export class ChunkedBodyCheck implements BodyCheck {
  readonly #expected: Buffer
  #at = 0
  /** Bytes of the current chunk that have not come yet, with the line end behind it. */
  #left = 0
  #right = true
  #complete = false

  constructor(expected: Buffer) {
    this.#expected = expected
  }

  get complete(): boolean {
    return this.#complete
  }

  get right(): boolean {
    return this.#right && this.#at === this.#expected.length
  }

  take(bytes: Buffer): number {
    return this.#left === 0 ? this.#takeSize(bytes) : this.#takeData(bytes)
  }

  #takeSize(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n')
    if (end < 0) return 0
    const size = Number.parseInt(bytes.toString('latin1', 0, end), 16)
    if (size > 0) {
      this.#left = size + 2
      return end + 2
    }
    // The last chunk, and the empty line behind it.
    if (bytes.length < end + 4) return 0
    this.#complete = true
    return end + 4
  }

  #takeData(bytes: Buffer): number {
    const length = Math.min(bytes.length, this.#left)
    const data = Math.min(length, Math.max(0, this.#left - 2))
    this.#right &&= matches(this.#expected, this.#at, bytes, data)
    this.#at += data
    this.#left -= length
    return length
  }
}

function matches(expected: Buffer, at: number, bytes: Buffer, length: number): boolean {
  const end = at + length
  return end <= expected.length && bytes.compare(expected, at, end, 0, length) === 0
}
