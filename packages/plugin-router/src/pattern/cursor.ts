import { PatternError } from './pattern-error.ts'

const controls: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
])

/** Goes through the text of a pattern. */
export class Cursor {
  readonly #source: string
  #offset = 0

  constructor(source: string) {
    this.#source = source
  }

  get offset(): number {
    return this.#offset
  }

  get done(): boolean {
    return this.#offset >= this.#source.length
  }

  sees(text: string): boolean {
    return this.#source.startsWith(text, this.#offset)
  }

  /** The next character, which stays; empty at the end. */
  peek(): string {
    return this.#source[this.#offset] ?? ''
  }

  skip(text: string): boolean {
    if (text === '' || !this.sees(text)) return false
    this.#offset += text.length
    return true
  }

  /** What a sticky expression finds here. */
  take(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#offset
    const found = expression.exec(this.#source)
    if (found === null) return undefined
    this.#offset = expression.lastIndex
    return found
  }

  /** The next character, which may be two code units long. */
  character(): string {
    const character = String.fromCodePoint(this.#source.codePointAt(this.#offset) ?? 0)
    this.#offset += character.length
    return character
  }

  /** The character that an escape stands for, once its backslash has been taken. */
  escaped(start: number): string {
    if (this.done) throw this.refuse('backslash at the end', start)
    const hex = this.take(/x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/y)
    if (hex !== undefined)
      return this.#codePoint(Number.parseInt(hex[1] ?? hex[2] ?? '', 16), start)
    const character = this.character()
    const control = controls.get(character)
    if (control !== undefined) return control
    if (/[1-9]/.test(character)) throw this.refuse('back-references are not supported', start)
    if (/[A-Za-z0-9]/.test(character)) throw this.refuse(`unknown escape "\\${character}"`, start)
    return character
  }

  refuse(problem: string, offset: number = this.#offset): PatternError {
    return new PatternError(problem, offset)
  }

  #codePoint(code: number, start: number): string {
    if (code > 0x10_ffff) throw this.refuse('a code point beyond 10FFFF', start)
    return String.fromCodePoint(code)
  }
}
