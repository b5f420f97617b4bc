/**
 * Recognises words straight from bytes.
 *
 * @module
 */
import { at } from './tables.ts'

/** Turns upper-case letters into lower-case ones; changes no other byte of a token but `^` and `_`. */
const foldBit = 0x20

/** A closed set of words, each with a small number, found without making a string. */
export class NameTable {
  /** Number of the only word with a length and a first letter. */
  readonly #slots = new Uint8Array(32 * 32)
  /** All words, one behind the other, and where each begins. */
  readonly #letters: Uint8Array
  readonly #starts: Uint16Array
  readonly #fold: number

  /**
   * @param words Lower-case if `caseless`, at most 31 bytes each, no two of the same length and
   * first letter. The number of a word is its index plus 1.
   */
  constructor(words: readonly string[], caseless: boolean) {
    this.#letters = Uint8Array.from(Buffer.from(words.join(''), 'latin1'))
    this.#starts = new Uint16Array(words.length + 1)
    this.#fold = caseless ? foldBit : 0
    let start = 0
    for (const [index, word] of words.entries()) {
      const slot = slotOf(word.length, word.charCodeAt(0))
      if (this.#slots[slot] !== 0) throw new Error(`"${word}" shares its slot`)
      this.#slots[slot] = index + 1
      this.#starts[index + 1] = start
      start += word.length
    }
  }

  /** Number of the word in `buf[start, end)`, or 0. */
  find(buf: Buffer, start: number, end: number): number {
    const length = end - start
    if (length === 0 || length > 31) return 0
    // Never undefined, here and below: a slot is below 1024, and it holds the number of a word.
    const number = this.#slots[slotOf(length, at(buf, start))] as number
    if (number === 0) return 0
    const letters = this.#letters
    const fold = this.#fold
    let letter = this.#starts[number] as number
    for (let pos = start; pos < end; pos++) {
      if ((at(buf, pos) | fold) !== letters[letter++]) return 0
    }
    return number
  }
}

/** Whether `buf[start, end)` is `word`, which is lower-case, in any case. */
export function equalsIgnoringCase(buf: Buffer, start: number, end: number, word: string): boolean {
  if (end - start !== word.length) return false
  for (let i = 0; i < word.length; i++) {
    const byte = at(buf, start + i)
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | foldBit : byte
    if (lower !== word.charCodeAt(i)) return false
  }
  return true
}

function slotOf(length: number, first: number): number {
  return (length << 5) | (first & 31)
}
