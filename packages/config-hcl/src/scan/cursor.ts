import type { Span } from '../source-text.ts'
import type { ScanFailure } from './structure.ts'

/** Nested levels, of any kind, that a file may have. The grammar's parser dies at about 1,500. */
export const maxDepth = 100

const spaces = /[ \t]*/y
const identifier = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy
const number = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/** Ends a scan. Never leaves the scanner. */
export class ScanStop extends Error {
  readonly failure: ScanFailure

  constructor(failure: ScanFailure) {
    super(`the scan stopped at ${failure.offset}`)
    this.failure = failure
  }
}

/** A place in the source that moves forward over tokens. */
export class Cursor {
  readonly text: string
  offset = 0
  readonly lossyNumbers: Span[] = []
  #depth = 0

  constructor(text: string) {
    this.text = text
  }

  get done(): boolean {
    return this.offset >= this.text.length
  }

  at(token: string): boolean {
    return this.text.startsWith(token, this.offset)
  }

  /** Moves over a token if it is here. */
  take(token: string): boolean {
    if (!this.at(token)) return false
    this.offset += token.length
    return true
  }

  expect(token: string): void {
    if (!this.take(token)) this.fail()
  }

  atNewline(): boolean {
    return this.at('\n') || this.at('\r\n')
  }

  fail(): never {
    throw new ScanStop({ offset: this.offset, reason: 'syntax' })
  }

  /** Refuses a chain of that many operators: each is one more level in the syntax tree. */
  limitChain(operators: number): void {
    if (operators > maxDepth) throw new ScanStop({ offset: this.offset, reason: 'depth' })
  }

  /** Moves over spaces and comments, and over line breaks if they mean nothing here. */
  blank(newlines: boolean): void {
    for (;;) {
      this.#match(spaces)
      if (newlines && this.atNewline()) this.offset = this.text.indexOf('\n', this.offset) + 1
      else if (!this.#comment()) return
    }
  }

  identifier(): string | undefined {
    return this.#match(identifier)
  }

  /** Moves over a number and notes it if it is not the same as a JavaScript number. */
  number(): string | undefined {
    const start = this.offset
    const digits = this.#match(number)
    if (digits !== undefined && isLossy(digits)) {
      this.lossyNumbers.push({ start, end: this.offset })
    }
    return digits
  }

  /** Runs `scan` one level deeper. */
  nested<T>(scan: () => T): T {
    if (this.#depth === maxDepth) throw new ScanStop({ offset: this.offset, reason: 'depth' })
    this.#depth++
    const result = scan()
    this.#depth--
    return result
  }

  /** A line comment ends before its line break, which still counts. */
  #comment(): boolean {
    if (this.at('#') || this.at('//')) {
      const end = this.text.indexOf('\n', this.offset)
      this.offset = end === -1 ? this.text.length : end
      return true
    }
    if (!this.at('/*')) return false
    const end = this.text.indexOf('*/', this.offset + 2)
    if (end === -1) this.fail()
    this.offset = end + 2
    return true
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.offset
    const match = pattern.exec(this.text)
    if (match === null) return undefined
    this.offset += match[0].length
    return match[0]
  }
}

function isLossy(digits: string): boolean {
  if (/^\d+$/.test(digits)) return BigInt(digits) > BigInt(Number.MAX_SAFE_INTEGER)
  return !Number.isFinite(Number(digits))
}
