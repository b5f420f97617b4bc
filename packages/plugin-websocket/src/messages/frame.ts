/**
 * How frames are written (RFC 6455 section 5.2).
 *
 * @module
 */
import { randomFillSync } from 'node:crypto'

/** What a frame is. */
export const Opcode = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const

/** Most bytes in a control frame. */
export const maxControlBytes = 125

/** Stands in the second byte for a length in the two that follow. */
export const length16 = 126
/** The same for eight. */
const length64 = 127

const finalBit = 0x80
const maskBit = 0x80
const maskBytes = 4
const largest16 = 0xffff
const defaultCode = 1008

/** Keys that are not used yet: to ask for so many at once costs a fraction. */
const keys = Buffer.alloc(4096)
let nextKeyAt = keys.length

/** What makes a frame. */
export interface FrameInit {
  readonly opcode: number
  readonly payload: Uint8Array
  /** As frames of clients are, with a key of its own. */
  readonly masked: boolean
  /** Whether its message ends with it. Default true. */
  readonly final?: boolean
}

/** A whole frame. */
export function frameOf({ opcode, payload, masked, final = true }: FrameInit): Buffer {
  const { length } = payload
  const extended = extendedBytes(length)
  const keyAt = 2 + extended
  const start = keyAt + (masked ? maskBytes : 0)
  const frame = Buffer.allocUnsafe(start + length)
  frame[0] = (final ? finalBit : 0) | opcode
  frame[1] = (masked ? maskBit : 0) | shortLength(length, extended)
  if (extended === 2) frame.writeUInt16BE(length, 2)
  if (extended === 8) frame.writeBigUInt64BE(BigInt(length), 2)
  frame.set(payload, start)
  if (!masked) return frame
  const key = nextKey()
  frame.set(key, keyAt)
  mask(frame, start, frame.length, key, 0)
  return frame
}

/** A frame that ends a conversation, with a code that may be sent and as much of the reason as fits. */
export function closeFrame(code: number, reason: string, masked: boolean): Buffer {
  const text = Buffer.from(reason)
  const payload = Buffer.alloc(2 + Math.min(text.length, maxControlBytes - 2))
  payload.writeUInt16BE(isCloseCode(code) ? code : defaultCode, 0)
  const { written } = new TextEncoder().encodeInto(reason, payload.subarray(2))
  return frameOf({ opcode: Opcode.close, payload: payload.subarray(0, 2 + written), masked })
}

/** Whether a code may stand in a close frame (RFC 6455 section 7.4, and what IANA has added). */
export function isCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false
  const known = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014)
  return known || (code >= 3000 && code <= 4999)
}

/**
 * Masks `bytes[start, end)` in place, or takes the mask off.
 * @param offset Where in the payload `start` is.
 */
export function mask(
  bytes: Uint8Array,
  start: number,
  end: number,
  key: Uint8Array,
  offset: number,
): void {
  for (let i = start; i < end; i++)
    bytes[i] = (bytes[i] ?? 0) ^ (key[(offset + i - start) & 3] ?? 0)
}

/** Nobody can foresee it (RFC 6455 section 10.3). */
function nextKey(): Buffer {
  if (nextKeyAt === keys.length) {
    randomFillSync(keys)
    nextKeyAt = 0
  }
  const key = keys.subarray(nextKeyAt, nextKeyAt + maskBytes)
  nextKeyAt += maskBytes
  return key
}

function extendedBytes(length: number): 0 | 2 | 8 {
  if (length < length16) return 0
  return length <= largest16 ? 2 : 8
}

function shortLength(length: number, extended: 0 | 2 | 8): number {
  if (extended === 0) return length
  return extended === 2 ? length16 : length64
}
