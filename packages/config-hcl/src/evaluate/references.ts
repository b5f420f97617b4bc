import type { ExpressionNode, TraversalStep } from '../grammar/grammar.ts'
import { decodeQuoted } from '../string-literal.ts'
import { child, type Evaluation, type Rule, unknownFrom, unsupported } from './evaluation.ts'
import { MissingVariable } from './fault.ts'
import { index } from './operators.ts'
import { isUnknown, scalar, type Value } from './value.ts'

/** `NAME`, `env.NAME`, `env["NAME"]` */
export const reference: Rule = (node, _path, evaluation) => {
  const { traversal = [], fullAccessor = '' } = node.meta ?? {}
  const [root, ...rest] = traversal
  if (root?.segment === 'env' && rest[0] !== undefined) {
    return follow(variable(stepName(rest[0]), node, evaluation), rest.slice(1))
  }
  const name = root?.segment ?? ''
  if (/^[A-Za-z_]\w*$/.test(name) && rest.length === 0) return variable(name, node, evaluation)
  if (evaluation.source.isInterpolated(node)) {
    throw unsupported(`unknown name "${fullAccessor}"`, 'write "${NAME}" or "${env.NAME}"')
  }
  const message = `unknown name "${fullAccessor}"; did you mean a quoted string?`
  throw unsupported(message, `text needs double quotes: ${JSON.stringify(fullAccessor)}`)
}

/** `f(x).name`, `(x)[0]` */
export const traversal: Rule = (node, path, evaluation) => {
  return follow(evaluation.evaluate(child(node, 0), path), node.meta?.traversal ?? [])
}

/** The text of a variable. Throws {@link MissingVariable} if it is not set. */
export function variable(name: string, node: ExpressionNode, evaluation: Evaluation): Value {
  const value = evaluation.scope.variable(name)
  if (value !== undefined) return value
  const isBare = node.meta?.fullAccessor === name && !evaluation.source.isInterpolated(node)
  const alternative = isBare
    ? `if it is meant as text, put it in quotes: "${name}"`
    : `give a default: env("${name}", "…")`
  throw new MissingVariable(name, `set the variable, or ${alternative}`)
}

function follow(value: Value, steps: readonly TraversalStep[]): Value {
  if (isUnknown(value)) return unknownFrom(value)
  return steps.reduce((current, step) => index(current, scalar(stepName(step))), value)
}

/** The segment of an index is source text: `0` or `"name"`. */
function stepName({ type, segment }: TraversalStep): string {
  const quoted = /^"(.*)"$/s.exec(segment)?.[1]
  return type === 'indexTraversal' && quoted !== undefined ? decodeQuoted(quoted) : segment
}
