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
  /** Word for (length, first letter), since no two words of one table share both. */
  readonly #slots = new Uint8Array(32 * 32)
  readonly #words: readonly Uint8Array[]
  readonly #fold: number

  /**
   * @param words Lower-case if `caseless`, at most 31 bytes each. The number of a word is its index
   * plus 1.
   */
  constructor(words: readonly string[], caseless: boolean) {
    this.#words = words.map((word) => Buffer.from(word, 'latin1'))
    this.#fold = caseless ? foldBit : 0
    for (const [index, word] of this.#words.entries()) {
      const slot = slotOf(word.length, at(word, 0))
      if (this.#slots[slot] !== 0) throw new Error(`"${words[index]}" shares its slot`)
      this.#slots[slot] = index + 1
    }
  }

  /** Number of the word in `buf[start, end)`, or 0. */
  find(buf: Uint8Array, start: number, end: number): number {
    const length = end - start
    if (length === 0 || length > 31) return 0
    const number = at(this.#slots, slotOf(length, at(buf, start)))
    if (number === 0) return 0
    return this.#equals(number - 1, buf, start) ? number : 0
  }

  #equals(index: number, buf: Uint8Array, start: number): boolean {
    const word = this.#words[index]
    if (word === undefined) return false
    const fold = this.#fold
    for (let i = 0; i < word.length; i++) {
      if ((at(buf, start + i) | fold) !== at(word, i)) return false
    }
    return true
  }
}

/** Whether `buf[start, end)` is `word`, which is lower-case, in any case. */
export function equalsIgnoringCase(
  buf: Uint8Array,
  start: number,
  end: number,
  word: string,
): boolean {
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
