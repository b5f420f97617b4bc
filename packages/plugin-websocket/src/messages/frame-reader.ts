import { length16, maxControlBytes, Opcode } from './frame.ts'

/** Who writes the frames. */
export interface FrameRules {
  /** Frames of clients are, those of servers are not. */
  readonly masked: boolean
  /** Whether messages may be compressed. */
  readonly compressed: boolean
}

/** What there is at some place: not enough bytes, the head of a frame, or nothing that may be there. */
export type Found = 'part' | 'frame' | 'fault'

const firstControl = 8
const keyBytes = 4

/**
 * Reads the heads of the frames of one direction (RFC 6455 section 5), one after the other. Has no
 * memory but whether a message is under way.
 */
export class FrameReader {
  opcode = 0
  /** Whether its message ends with it. */
  final = false
  compressed = false
  /** Of the head. */
  headBytes = 0
  /** Of the payload. */
  length = 0
  /** What the payload is masked with. */
  readonly key: Uint8Array = new Uint8Array(keyBytes)
  /** What may not be there. */
  problem = ''
  readonly #rules: FrameRules
  #inMessage = false

  constructor(rules: FrameRules) {
    this.#rules = rules
  }

  get isControl(): boolean {
    return this.opcode >= firstControl
  }

  /**
   * Reads the head at `at`, if all of it is there. A frame that must not be read is told of as soon as
   * its first two bytes say so.
   */
  read(bytes: Uint8Array, at: number, end: number): Found {
    if (end - at < 2) return 'part'
    const first = bytes[at] ?? 0
    const second = bytes[at + 1] ?? 0
    const short = second & 0x7f
    this.#readFirst(first)
    const wrong = this.#wrongBit(first) ?? this.#wrongKind() ?? this.#wrongLength(second, short)
    if (wrong !== undefined) return this.#refuse(wrong)
    const keyAt = 2 + extendedBytes(short)
    this.headBytes = keyAt + (this.#rules.masked ? keyBytes : 0)
    if (end - at < this.headBytes) return 'part'
    const wrongLength = this.#readLength(bytes, at + 2, short)
    if (wrongLength !== undefined) return this.#refuse(wrongLength)
    if (this.#rules.masked) this.key.set(bytes.subarray(at + keyAt, at + this.headBytes))
    if (!this.isControl) this.#inMessage = !this.final
    return 'frame'
  }

  #refuse(problem: string): Found {
    this.problem = problem
    return 'fault'
  }

  #readFirst(first: number): void {
    this.final = (first & 0x80) !== 0
    this.compressed = (first & 0x40) !== 0
    this.opcode = first & 0x0f
  }

  #wrongBit(first: number): string | undefined {
    const mayBeCompressed = this.#rules.compressed && this.#starts
    const isWrong = (first & 0x30) !== 0 || (this.compressed && !mayBeCompressed)
    return isWrong ? 'a reserved bit is set' : undefined
  }

  #wrongKind(): string | undefined {
    const { opcode } = this
    if (this.isControl) {
      if (opcode > Opcode.pong) return noOpcode(opcode)
      return this.final ? undefined : 'a control frame is fragmented'
    }
    if (opcode > Opcode.binary) return noOpcode(opcode)
    if (this.#starts) return this.#inMessage ? 'a message begins within another' : undefined
    return this.#inMessage ? undefined : 'a fragment belongs to no message'
  }

  #wrongLength(second: number, short: number): string | undefined {
    const masked = (second & 0x80) !== 0
    if (masked !== this.#rules.masked) return masked ? 'the frame is masked' : 'a mask is missing'
    const tooLong = this.isControl && short > maxControlBytes
    return tooLong ? `a control frame has more than ${maxControlBytes} bytes` : undefined
  }

  /** Whether a message begins with it. */
  get #starts(): boolean {
    return this.opcode === Opcode.text || this.opcode === Opcode.binary
  }

  #readLength(bytes: Uint8Array, at: number, short: number): string | undefined {
    this.length = short
    if (short < length16) return undefined
    const view = new DataView(bytes.buffer, bytes.byteOffset + at)
    if (short === length16) {
      this.length = view.getUint16(0)
      return this.length < length16 ? 'a length is not minimal' : undefined
    }
    const high = view.getUint32(0)
    this.length = high * 2 ** 32 + view.getUint32(4)
    if (this.length <= 0xffff) return 'a length is not minimal'
    // Above that, numbers have gaps; nobody lives long enough to send as much.
    return Number.isSafeInteger(this.length) ? undefined : 'a length is out of range'
  }
}

function extendedBytes(short: number): number {
  if (short < length16) return 0
  return short === length16 ? 2 : 8
}

function noOpcode(opcode: number): string {
  return `there is no opcode ${opcode}`
}
