/**
 * Evaluates the grammar's syntax trees. Text becomes a value only here: the parser's JSON shows
 * `"\u0024${x}"` and `"$${x}"` as the same string, though only one of them is a template.
 *
 * @module
 */
import type { ConfigPath } from '@gatewright/kernel'
import type { ExpressionNode } from '../grammar/grammar.ts'
import type { ReportSource } from '../source-problem.ts'
import { call } from './calls.ts'
import { object, tuple } from './collections.ts'
import { toBoolean } from './conversion.ts'
import { child, type Evaluation, type Rule, unknownFrom, unsupported } from './evaluation.ts'
import type { ExpressionSource } from './expression-source.ts'
import { Fault, MissingVariable } from './fault.ts'
import { binary, index, unary } from './operators.ts'
import { reference, traversal } from './references.ts'
import type { Scope } from './scope.ts'
import { directive, template } from './template.ts'
import { isUnknown, scalar, unknown, type Value } from './value.ts'

/** Expressions may nest this deep; the call stack is not endless. */
const maxDepth = 200

export interface EvaluatorOptions {
  readonly scope: Scope
  readonly report: ReportSource
  /** Called for a variable that is not set; then its value is unknown. Without it, a problem. */
  readonly onMissing?: ((name: string, path: ConfigPath) => void) | undefined
}

/** Evaluates the expressions of one attribute. */
export class Evaluator implements Evaluation {
  readonly source: ExpressionSource
  readonly #options: EvaluatorOptions
  #depth = 0

  constructor(source: ExpressionSource, options: EvaluatorOptions) {
    this.source = source
    this.#options = options
  }

  get scope(): Scope {
    return this.#options.scope
  }

  evaluate(node: ExpressionNode, path: ConfigPath): Value {
    const { report, onMissing } = this.#options
    try {
      return this.apply(node, path)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      if (error instanceof MissingVariable && onMissing !== undefined) {
        onMissing(error.variable, path)
        return unknown
      }
      const { code, message, hint } = error
      const span = error.span ?? this.source.span(node)
      report({ code, message, span, path, ...(hint !== undefined && { hint }) })
      return unknown
    }
  }

  apply(node: ExpressionNode, path: ConfigPath): Value {
    try {
      if (++this.#depth > maxDepth) throw unsupported('the expression is nested too deeply')
      const rule = rules.get(node.type)
      if (rule === undefined) throw unsupported(`a "${node.type}" expression is not supported`)
      return rule(node, path, this)
    } catch (error) {
      if (error instanceof Fault) error.span ??= this.source.span(node)
      throw error
    } finally {
      this.#depth--
    }
  }
}

const literal: Rule = (node) => {
  const { type, value = '' } = node.meta ?? {}
  if (type === 'number') return scalar(Number(value))
  return scalar(type === 'bool' ? value === 'true' : null)
}

const inner: Rule = (node, path, evaluation) => evaluation.apply(child(node, 0), path)

/** Only the chosen side is evaluated. */
const conditional: Rule = (node, path, evaluation) => {
  if (node.meta?.value.startsWith('%{') === true) return directive(node, evaluation)
  const condition = evaluation.evaluate(child(node, 0), path)
  if (isUnknown(condition)) return unknownFrom(condition)
  return evaluation.evaluate(child(node, toBoolean(condition) ? 1 : 2), path)
}

const unaryOperation: Rule = (node, path, evaluation) => {
  const operand = evaluation.evaluate(child(node, 0), path)
  return isUnknown(operand) ? unknownFrom(operand) : unary(node.meta?.operator ?? '', operand)
}

function ofTwo(compute: (left: Value, right: Value, operator: string) => Value): Rule {
  return (node, path, evaluation) => {
    const left = evaluation.evaluate(child(node, 0), path)
    const right = evaluation.evaluate(child(node, 1), path)
    if (isUnknown(left) || isUnknown(right)) return unknownFrom(left, right)
    return compute(left, right, node.meta?.operator ?? '')
  }
}

/** By the types of the grammar's syntax tree; that of parentheses and keys has no name. */
const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['', inner],
  ['literalValue', literal],
  ['template', template],
  ['templateWrap', inner],
  ['templateJoin', (node, _path, evaluation) => directive(node, evaluation)],
  ['tuple', tuple],
  ['object', object],
  ['scopeTraversal', reference],
  ['relativeTraversal', traversal],
  ['index', ofTwo(index)],
  ['binaryOp', ofTwo((left, right, operator) => binary(operator, left, right))],
  ['unaryOp', unaryOperation],
  ['conditional', conditional],
  ['function', call],
])
