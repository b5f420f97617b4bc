import type { ConfigPath } from '@gatewright/kernel'
import type { ExpressionNode } from '../grammar/grammar.ts'
import type { ExpressionSource } from './expression-source.ts'
import { Fault } from './fault.ts'
import type { Scope } from './scope.ts'
import { sourcesOf, type Value } from './value.ts'

/** The evaluation of one attribute, as the rules for each kind of expression see it. */
export interface Evaluation {
  readonly source: ExpressionSource
  readonly scope: Scope
  /** Never throws: a problem is reported, and the value is unknown. */
  evaluate(node: ExpressionNode, path: ConfigPath): Value
  /** Throws a {@link Fault} instead, for expressions that stand for their inner one. */
  apply(node: ExpressionNode, path: ConfigPath): Value
}

/** How one kind of expression is evaluated. Throws a {@link Fault} if it has no value. */
export type Rule = (node: ExpressionNode, path: ConfigPath, evaluation: Evaluation) => Value

export function child(node: ExpressionNode, at: number): ExpressionNode {
  const found = node.children[at]
  if (found === undefined) throw unsupported('the expression is not supported')
  return found
}

/** What depends on values of which one is unknown. */
export function unknownFrom(...values: readonly Value[]): Value {
  return { kind: 'unknown', sources: sourcesOf(...values) }
}

export function unsupported(message: string, hint?: string): Fault {
  return new Fault('GW_CONFIG_EXPRESSION', message, hint)
}
