/** A rule as it was written. */
export type Expression = CallExpression | NotExpression | AndExpression | OrExpression

/** A matcher with its arguments. */
export interface CallExpression {
  readonly kind: 'call'
  readonly name: string
  /** Where the name begins, counted from 1. */
  readonly column: number
  readonly args: readonly Literal[]
}

/** A quoted argument, without its quotes and escapes. */
export interface Literal {
  readonly text: string
  /** Where its opening quote stands, counted from 1. */
  readonly column: number
}

/** True if its operand is not. */
export interface NotExpression {
  readonly kind: 'not'
  readonly operand: Expression
}

/** True if all operands are; no operand is itself a conjunction. */
export interface AndExpression {
  readonly kind: 'and'
  readonly operands: readonly Expression[]
}

/** True if any operand is; no operand is itself a disjunction. */
export interface OrExpression {
  readonly kind: 'or'
  readonly operands: readonly Expression[]
}
