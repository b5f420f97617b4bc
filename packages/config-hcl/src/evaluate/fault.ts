import type { ProblemCode } from '../codes.ts'
import type { Span } from '../source-text.ts'

/** Why an expression has no value. Thrown by whatever finds out, reported by the evaluator. */
export class Fault extends Error {
  readonly code: ProblemCode
  readonly hint: string | undefined
  /** Set by the evaluator, from the innermost expression that it knows. */
  span: Span | undefined

  constructor(code: ProblemCode, message: string, hint?: string) {
    super(message)
    this.code = code
    this.hint = hint
    this.span = undefined
  }
}

/** The one fault that may be excused: by `coalesce`, and when variables may be missing. */
export class MissingVariable extends Fault {
  readonly variable: string

  constructor(variable: string, hint: string) {
    super('GW_CONFIG_MISSING_ENV', `references missing environment variable "${variable}"`, hint)
    this.variable = variable
  }
}
