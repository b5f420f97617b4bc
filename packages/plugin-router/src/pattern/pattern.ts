import { errors } from '../errors.ts'
import { Automaton } from './automaton.ts'
import { parsePattern } from './parser.ts'
import { compileProgram } from './program.ts'
import { isAnchored } from './syntax.ts'

export { PatternError } from './pattern-error.ts'

const maxInput = 8192

/**
 * A regular expression from a rule. V8's own engine backtracks: on a path of 8 KiB it takes a tenth
 * of a second for `.*\.php$` and minutes for `.*foo.*bar`, which any client could make it do. This
 * one takes the same time for every byte.
 */
export class Pattern {
  readonly #automaton: Automaton

  /** Throws PatternError. */
  constructor(source: string) {
    const syntax = parsePattern(source)
    this.#automaton = new Automaton(compileProgram(syntax), isAnchored(syntax))
  }

  /**
   * True if the pattern is found anywhere in the text from `start` to `end`, one character per byte.
   * Throws GW_ROUTER_INPUT_TOO_LONG above 8 KiB: to say that it does not match would let a long
   * value get around a rule.
   */
  test(text: string, start: number = 0, end: number = text.length): boolean {
    const length = end - start
    if (length > maxInput) throw errors.GW_ROUTER_INPUT_TOO_LONG({ length, limit: maxInput })
    return this.#automaton.test(text, start, end)
  }
}
