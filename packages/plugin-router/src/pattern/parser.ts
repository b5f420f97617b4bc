import { byteString } from '../input/byte-string.ts'
import { anyByte, ByteSet, escapedClasses } from './byte-set.ts'
import { parseClass } from './class-parser.ts'
import { Cursor } from './cursor.ts'
import { type Assertion, isEndless, type Syntax } from './syntax.ts'

const maxDepth = 64
const maxCount = 1000

const assertions: ReadonlyMap<string, Assertion> = new Map([
  ['A', 'start'],
  ['z', 'end'],
  ['b', 'boundary'],
  ['B', 'no boundary'],
])

/** Reads the syntax of RE2, as far as it needs no look-around and no memory. */
export function parsePattern(source: string): Syntax {
  return new PatternParser(source).parse()
}

class PatternParser {
  readonly #cursor: Cursor
  readonly #foldsCase: boolean
  #depth = 0

  constructor(source: string) {
    this.#cursor = new Cursor(source)
    this.#foldsCase = this.#cursor.skip('(?i)')
  }

  parse(): Syntax {
    const syntax = this.#choice()
    if (!this.#cursor.done) throw this.#cursor.refuse('unexpected ")"')
    return syntax
  }

  #choice(): Syntax {
    const options = [this.#sequence()]
    while (this.#cursor.skip('|')) options.push(this.#sequence())
    const [only] = options
    return only !== undefined && options.length === 1 ? only : { kind: 'choice', options }
  }

  #sequence(): Syntax {
    const parts: Syntax[] = []
    while (!this.#cursor.done && !this.#cursor.sees('|') && !this.#cursor.sees(')')) {
      parts.push(this.#repeat())
    }
    return { kind: 'sequence', parts }
  }

  #repeat(): Syntax {
    const start = this.#cursor.offset
    const body = this.#atom()
    const count = this.#count()
    if (count === undefined) return body
    if (body.kind === 'assertion') throw this.#cursor.refuse('nothing to repeat', start)
    const [min, max] = count
    // Harmless for the automaton; refused because a backtracking engine stalls on such a pattern.
    if (max === Infinity && isEndless(body)) {
      throw this.#cursor.refuse('nested quantifiers: an endless repeat in an endless repeat', start)
    }
    // Whether a repeat is lazy decides what is found, not whether anything is.
    this.#cursor.skip('?')
    const again = this.#cursor.offset
    if (this.#count() !== undefined) throw this.#cursor.refuse('nested quantifiers', again)
    return { kind: 'repeat', body, min, max }
  }

  /** The quantifier here, if there is one. A brace that begins none stands for itself. */
  #count(): readonly [min: number, max: number] | undefined {
    if (this.#cursor.skip('*')) return [0, Infinity]
    if (this.#cursor.skip('+')) return [1, Infinity]
    if (this.#cursor.skip('?')) return [0, 1]
    const start = this.#cursor.offset
    const braces = this.#cursor.take(/\{(\d+)(,?)(\d*)\}/y)
    if (braces === undefined) return undefined
    const [, first, comma, last] = braces
    const min = Number(first)
    const open = last === '' ? Infinity : Number(last)
    const max = comma === '' ? min : open
    if (min > maxCount || (max > maxCount && max !== Infinity)) {
      throw this.#cursor.refuse(`a repeat of more than ${maxCount}`, start)
    }
    if (max < min) throw this.#cursor.refuse('a repeat whose end is below its start', start)
    return [min, max]
  }

  #atom(): Syntax {
    const cursor = this.#cursor
    const start = cursor.offset
    if (cursor.skip('(')) return this.#group(start)
    if (cursor.skip('[')) {
      return { kind: 'byte', set: parseClass(cursor, start, this.#foldsCase) }
    }
    if (cursor.skip('.')) return { kind: 'byte', set: anyByte }
    if (cursor.skip('^')) return { kind: 'assertion', assertion: 'start' }
    if (cursor.skip('$')) return { kind: 'assertion', assertion: 'end' }
    if (cursor.skip('\\')) return this.#escape(start)
    if (cursor.take(/[*+?]/y) !== undefined) throw cursor.refuse('nothing to repeat', start)
    return this.#character(cursor.character())
  }

  #group(start: number): Syntax {
    const cursor = this.#cursor
    if (cursor.take(/\?<?[=!]/y) !== undefined) {
      throw cursor.refuse('look-around is not supported', start)
    }
    const named = cursor.take(/\?(?::|P?<[A-Za-z_][A-Za-z0-9_]*>)/y)
    if (named === undefined && cursor.sees('?')) {
      const problem = 'unknown kind of group; the flag (?i) may stand at the very start only'
      throw cursor.refuse(problem, start)
    }
    if (++this.#depth > maxDepth) throw cursor.refuse(`groups deeper than ${maxDepth}`, start)
    const syntax = this.#choice()
    this.#depth--
    if (!cursor.skip(')')) throw cursor.refuse('group without its end', start)
    return syntax
  }

  #escape(start: number): Syntax {
    const cursor = this.#cursor
    const letter = cursor.peek()
    const assertion = assertions.get(letter)
    const set = escapedClasses.get(letter)
    if (assertion !== undefined && cursor.skip(letter)) return { kind: 'assertion', assertion }
    if (set !== undefined && cursor.skip(letter)) return { kind: 'byte', set }
    return this.#character(cursor.escaped(start))
  }

  /** A character beyond ASCII is the sequence of its bytes. */
  #character(character: string): Syntax {
    const bytes = [...Buffer.from(byteString(character), 'latin1')]
    const parts = bytes.map((byte) => this.#byte(ByteSet.of(byte)))
    const [only] = parts
    return only !== undefined && parts.length === 1 ? only : { kind: 'sequence', parts }
  }

  #byte(set: ByteSet): Syntax {
    return { kind: 'byte', set: this.#foldsCase ? set.withBothCases() : set }
  }
}
