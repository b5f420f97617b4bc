import type { ByteSet } from './byte-set.ts'
import { PatternError } from './pattern-error.ts'
import type { Assertion, Repeat, Syntax } from './syntax.ts'

/** One step of a pattern. Steps name each other by their index. */
export type Step =
  | { readonly kind: 'byte'; readonly set: ByteSet; readonly next: number }
  | { readonly kind: 'assertion'; readonly assertion: Assertion; readonly next: number }
  /** Goes on in several places at once. */
  | { readonly kind: 'fork'; readonly next: number[] }
  | { readonly kind: 'match' }

/** A pattern as a nondeterministic automaton (Thompson's construction). */
export interface Program {
  readonly steps: readonly Step[]
  readonly start: number
}

const maxSteps = 1000

/** Throws PatternError for a pattern that is too large, which counted repeats can make it. */
export function compileProgram(syntax: Syntax): Program {
  const compiler = new ProgramCompiler()
  return { start: compiler.compile(syntax), steps: compiler.steps }
}

class ProgramCompiler {
  readonly steps: Step[] = []

  compile(syntax: Syntax): number {
    return this.#before(this.#put({ kind: 'match' }), syntax)
  }

  /** Puts the syntax before the step `next`; returns where it begins. */
  #before(next: number, syntax: Syntax): number {
    switch (syntax.kind) {
      case 'byte':
        return this.#put({ kind: 'byte', set: syntax.set, next })
      case 'assertion':
        return this.#put({ kind: 'assertion', assertion: syntax.assertion, next })
      case 'sequence':
        return syntax.parts.reduceRight((after, part) => this.#before(after, part), next)
      case 'choice': {
        const options = syntax.options.map((option) => this.#before(next, option))
        return this.#put({ kind: 'fork', next: options })
      }
      case 'repeat':
        return this.#repeat(next, syntax)
    }
  }

  #repeat(next: number, { body, min, max }: Repeat): number {
    let start = next
    if (max === Infinity) {
      const loop = [next]
      start = this.#put({ kind: 'fork', next: loop })
      loop.push(this.#before(start, body))
    } else {
      for (let i = min; i < max; i++) {
        start = this.#put({ kind: 'fork', next: [next, this.#before(start, body)] })
      }
    }
    for (let i = 0; i < min; i++) start = this.#before(start, body)
    return start
  }

  #put(step: Step): number {
    if (this.steps.length === maxSteps) {
      throw new PatternError(`more than ${maxSteps} steps, counting repeats`, 0)
    }
    return this.steps.push(step) - 1
  }
}
