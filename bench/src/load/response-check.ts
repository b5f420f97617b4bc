/** The part of a response head that says how many bytes follow. */
const contentLength = /\r\ncontent-length: *(\d+)\r\n/i
const endOfHead = '\r\n\r\n'
/** A head that is longer comes from something else than a proxy of ours. */
const maxHeadBytes = 16_384

/** A response that is not the expected one. The message says in what. */
class WrongResponse extends Error {}

/**
 * Reads the responses of one connection and compares every byte of their bodies with the expected
 * one. All responses must have status 200 and a `Content-Length`.
 */
export class ResponseCheck {
  readonly #expected: Buffer
  #head = ''
  /** Bytes of the body that were compared; -1 while the head is read. */
  #at = -1

  constructor(expected: Buffer) {
    this.#expected = expected
  }

  /** Returns true if the response is complete. Throws WrongResponse. */
  push(bytes: Buffer): boolean {
    const start = this.#at < 0 ? this.#readHead(bytes) : 0
    if (start < 0) return false
    const length = bytes.length - start
    const end = this.#at + length
    if (end > this.#expected.length) throw new WrongResponse('bytes after the end of a response')
    if (bytes.compare(this.#expected, this.#at, end, start) !== 0) {
      throw new WrongResponse(`a wrong byte behind byte ${this.#at} of a body`)
    }
    this.#at = end
    if (end < this.#expected.length) return false
    this.#at = -1
    return true
  }

  /** Where the body begins in these bytes; -1 if it does not yet. */
  #readHead(bytes: Buffer): number {
    const before = this.#head.length
    // A head has to be looked at as a whole, but nearly always comes as one.
    const piece = this.#head + bytes.toString('latin1', 0, maxHeadBytes)
    const end = piece.indexOf(endOfHead)
    if (end < 0) {
      if (piece.length >= maxHeadBytes) throw new WrongResponse('a response head without an end')
      this.#head = piece
      return -1
    }
    this.#head = ''
    this.#checkHead(piece.slice(0, end + 2))
    this.#at = 0
    return end + endOfHead.length - before
  }

  #checkHead(head: string): void {
    if (!head.startsWith('HTTP/1.1 200')) {
      throw new WrongResponse(`status line "${head.slice(0, head.indexOf('\r\n'))}"`)
    }
    const length = contentLength.exec(head)?.[1]
    if (Number(length) === this.#expected.length) return
    throw new WrongResponse(`content-length ${length ?? 'missing'}, not ${this.#expected.length}`)
  }
}
