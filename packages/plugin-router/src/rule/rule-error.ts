/**
 * What is wrong with a rule. These errors never leave the package: the routing reports them as
 * problems of the configuration.
 *
 * @module
 */

/** Codes of the problems that literals have. */
export type ArgumentErrorCode = 'GW_RULE_LITERAL' | 'GW_RULE_PATTERN'

/** A text that is no rule. */
export class RuleSyntaxError extends Error {
  override readonly name = 'RuleSyntaxError'

  /** @param column Where in the rule, counted from 1; it becomes part of the message. */
  constructor(problem: string, column: number) {
    super(`${problem} at column ${column}`)
  }
}

/** Thrown by a matcher to say which of its arguments is wrong; other errors blame the call. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError'
  readonly code: ArgumentErrorCode
  /** Counted from 0. */
  readonly position: number

  constructor(code: ArgumentErrorCode, position: number, problem: string) {
    super(problem)
    this.code = code
    this.position = position
  }
}
