/** What a client says to begin a WebSocket; the key and its answer are the example of RFC 6455. */
export const upgradeLines: readonly string[] = [
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]
const accepted = /\r\nsec-websocket-accept: *s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/i
const endOfHead = '\r\n\r\n'
/** A head that is longer comes from something else than a proxy of ours. */
const maxHeadBytes = 16_384

const finalBinary = 0x82
const masked = 0x80
/** Lengths from here on stand in two bytes of their own; ours are never longer than those. */
const longFrame = 126
const maxPayload = 0xffff

/** A whole binary message as clients send it (RFC 6455 section 5.2). */
export function clientFrame(payload: Buffer): Buffer {
  const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d])
  const hidden = payload.map((byte, index) => byte ^ (mask[index % mask.length] ?? 0))
  return Buffer.concat([frameHead(payload.length, masked), mask, hidden])
}

/** The same as servers send it. */
export function serverFrame(payload: Buffer): Buffer {
  return Buffer.concat([frameHead(payload.length, 0), payload])
}

/** Reads the handshake and then the echoes of one message, and compares every byte. */
export class EchoCheck {
  readonly #expected: Buffer
  #head = ''
  /** Bytes of the frame that were compared; -1 while the head is read. */
  #at = -1

  /** @param expected The frame that has to come, again and again. */
  constructor(expected: Buffer) {
    this.#expected = expected
  }

  /** Returns true if the handshake or an echo is complete. Throws if it is not the expected one. */
  push(bytes: Buffer): boolean {
    if (this.#at < 0) return this.#readHead(bytes)
    const end = this.#at + bytes.length
    if (end > this.#expected.length) throw new Error('bytes behind an echo')
    if (bytes.compare(this.#expected, this.#at, end) !== 0) {
      throw new Error(`a wrong byte behind byte ${this.#at} of an echo`)
    }
    this.#at = end === this.#expected.length ? 0 : end
    return this.#at === 0
  }

  #readHead(bytes: Buffer): boolean {
    this.#head += bytes.toString('latin1')
    const end = this.#head.indexOf(endOfHead)
    if (end < 0) {
      if (this.#head.length >= maxHeadBytes) throw new Error('a response head without an end')
      return false
    }
    const line = this.#head.slice(0, this.#head.indexOf('\r\n'))
    if (!line.startsWith('HTTP/1.1 101')) throw new Error(`status line "${line}"`)
    if (!accepted.test(this.#head)) throw new Error('a handshake without the right answer')
    if (end + endOfHead.length < this.#head.length) throw new Error('bytes behind the handshake')
    this.#at = 0
    return true
  }
}

function frameHead(length: number, flag: number): Buffer {
  if (length > maxPayload) throw new RangeError(`messages of ${length} bytes are not sent`)
  if (length < longFrame) return Buffer.from([finalBinary, flag | length])
  return Buffer.from([finalBinary, flag | longFrame, length >> 8, length & 0xff])
}
