/**
 * The inner loops: how far bytes of one class reach.
 *
 * @module
 */
import { at, Byte, Class, is } from '../syntax/tables.ts'

const { tab } = Byte
const { blank, value } = Class

/** End of the run of bytes of a class that begins at `start`. */
export function skip(buf: Buffer, start: number, end: number, mask: number): number {
  let pos = start
  while (pos < end && is(buf, pos, mask)) pos++
  return pos
}

/**
 * End of the run of field-value bytes that begins at `start`.
 *
 * Values are most of a head, and cookies are long, so they are looked at four bytes at a time.
 */
export function skipValue(buf: Buffer, start: number, end: number): number {
  const words = wordsOf(buf)
  const lastWord = end - 4
  let pos = start
  while (pos <= lastWord) {
    const odd = oddBytes(words.getInt32(pos, true))
    if (odd === 0) {
      pos += 4
      continue
    }
    // The lowest bit that is set belongs to the first odd byte.
    pos += (31 - Math.clz32(odd & -odd)) >>> 3
    if (at(buf, pos) !== tab) return pos
    pos++
  }
  return skip(buf, pos, end, value)
}

/** Start of the white space that ends at `end`. */
export function trimEnd(buf: Buffer, start: number, end: number): number {
  let pos = end
  while (pos > start && is(buf, pos - 1, blank)) pos--
  return pos
}

/**
 * The top bit of each byte that is below 0x20 or DEL; bytes after the first such may have it too.
 * Subtracting borrows from the top bit of a byte exactly if the byte is too small for it.
 */
function oddBytes(word: number): number {
  const control = (word - 0x20202020) & ~word
  const flipped = word ^ 0x7f7f7f7f
  const del = (flipped - 0x01010101) & ~flipped
  return (control | del) & 0x80808080
}

let latestBuffer: Buffer | undefined
let latestWords: DataView = new DataView(new ArrayBuffer(0))

/** A view for unaligned words, kept because nearly all heads are read from one slab. */
function wordsOf(buf: Buffer): DataView {
  if (buf !== latestBuffer) {
    latestBuffer = buf
    latestWords = new DataView(buf.buffer, buf.byteOffset, buf.byteLength)
  }
  return latestWords
}
