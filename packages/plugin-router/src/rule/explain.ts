import { type Exchange, problemOf } from '@gatewright/kernel'
import type { Matchers } from './compile.ts'
import type { CallExpression, Expression } from './expression.ts'
import { parseRule } from './parser.ts'

/** Why a rule that was compiled does not hold for an exchange, in words; `undefined` if it holds. */
export function whyNot(rule: string, matchers: Matchers, exchange: Exchange): string | undefined {
  const holds = (call: CallExpression): boolean =>
    matchers.get(call.name).compile(call.args.map(({ text }) => text))(exchange)
  try {
    return reasonAgainst(parseRule(rule), holds)
  } catch (error) {
    return `its rule failed: ${problemOf(error)}`
  }
}

type Holds = (call: CallExpression) => boolean

function reasonAgainst(expression: Expression, holds: Holds): string | undefined {
  switch (expression.kind) {
    case 'call':
      return holds(expression) ? undefined : `${textOf(expression)} does not hold`
    case 'not':
      return reasonAgainst(expression.operand, holds) === undefined
        ? `${textOf(expression.operand)} holds`
        : undefined
    case 'and':
      for (const operand of expression.operands) {
        const reason = reasonAgainst(operand, holds)
        if (reason !== undefined) return reason
      }
      return undefined
    case 'or': {
      const reasons = expression.operands.map((operand) => reasonAgainst(operand, holds))
      return reasons.includes(undefined) ? undefined : reasons.join(', and ')
    }
  }
}

/** As it could be written in a rule. */
function textOf(expression: Expression): string {
  switch (expression.kind) {
    case 'call':
      return `${expression.name}(${expression.args.map(({ text }) => quoted(text)).join(', ')})`
    case 'not':
      return `!${wrapped(expression.operand)}`
    case 'and':
      return expression.operands.map((operand) => wrapped(operand)).join(' && ')
    case 'or':
      return expression.operands.map((operand) => wrapped(operand)).join(' || ')
  }
}

function wrapped(expression: Expression): string {
  const text = textOf(expression)
  return expression.kind === 'call' || expression.kind === 'not' ? text : `(${text})`
}

function quoted(text: string): string {
  return text.includes('`') ? JSON.stringify(text) : `\`${text}\``
}
