import { RuleSyntaxError } from './rule-error.ts'

/** The smallest part of a rule that means something. */
export interface Token {
  readonly kind: 'name' | 'literal' | '(' | ')' | ',' | '&&' | '||' | '!' | 'end'
  /** What it says; of a literal without its quotes and escapes. */
  readonly text: string
  /** Where it begins, counted from 1. */
  readonly column: number
}

const space = /[ \t\r\n]*/y
const word = /[A-Za-z][A-Za-z0-9_]*/y
const symbol = /&&|\|\||[(),!]/y
const backticked = /`([^`]*)`/y
const doubleQuoted = /"((?:[^"\\]|\\["\\])*)"/y

/** Cuts a rule into tokens. */
export class Lexer {
  readonly #rule: string
  #at = 0

  constructor(rule: string) {
    this.#rule = rule
  }

  /** The next token; `end` again and again after the last. Throws RuleSyntaxError. */
  next(): Token {
    this.#take(space)
    const column = this.#at + 1
    if (this.#at >= this.#rule.length) return { kind: 'end', text: '', column }
    const name = this.#take(word)
    if (name !== undefined) return { kind: 'name', text: name[0], column }
    const mark = this.#take(symbol)
    if (mark !== undefined) {
      // The expression matches nothing but these kinds.
      return { kind: mark[0] as Token['kind'], text: mark[0], column }
    }
    return { kind: 'literal', text: this.#literal(column), column }
  }

  #literal(column: number): string {
    const plain = this.#take(backticked)
    if (plain !== undefined) return plain[1] ?? ''
    const escaped = this.#take(doubleQuoted)
    if (escaped !== undefined) return (escaped[1] ?? '').replaceAll(/\\(.)/gs, '$1')
    throw this.#unreadable(column)
  }

  #unreadable(column: number): RuleSyntaxError {
    const rest = this.#rule.slice(this.#at)
    const escape = /^"(?:[^"\\]|\\["\\])*(\\[^"\\])/su.exec(rest)
    if (escape?.[1] !== undefined) {
      const problem = `unknown escape "${escape[1]}"; expected \\" or \\\\ or a literal in backticks`
      return new RuleSyntaxError(problem, column + escape[0].length - escape[1].length)
    }
    if (/^[`"]/.test(rest)) {
      return new RuleSyntaxError(`unterminated literal: expected a closing ${rest[0]}`, column)
    }
    const [character] = rest
    if (character === '&' || character === '|') {
      const problem = `expected "${character}${character}", found a single "${character}"`
      return new RuleSyntaxError(problem, column)
    }
    const hint = character === "'" ? '; literals stand in backticks or double quotes' : ''
    return new RuleSyntaxError(`unexpected character ${character}${hint}`, column)
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#rule)
    if (found === null) return undefined
    this.#at = pattern.lastIndex
    return found
  }
}
