import type { CallExpression, Expression, Literal } from './expression.ts'
import { Lexer, type Token } from './lexer.ts'
import { RuleSyntaxError } from './rule-error.ts'

const maxLength = 4096
const maxDepth = 64

/**
 * Reads a rule. `!` binds tighter than `&&`, and `&&` tighter than `||`.
 *
 * ```text
 * or      = and { "||" and }
 * and     = unary { "&&" unary }
 * unary   = "!" unary | "(" or ")" | call
 * call    = NAME "(" [ literal { "," literal } ] ")"
 * ```
 *
 * Throws RuleSyntaxError for the first thing that does not fit.
 */
export function parseRule(rule: string): Expression {
  if (rule.length > maxLength) {
    const problem = `rule of ${rule.length} characters passes the limit of ${maxLength}`
    throw new RuleSyntaxError(problem, maxLength + 1)
  }
  return new RuleParser(rule).parse()
}

class RuleParser {
  readonly #lexer: Lexer
  #token: Token
  #depth = 0

  constructor(rule: string) {
    this.#lexer = new Lexer(rule)
    this.#token = this.#lexer.next()
  }

  parse(): Expression {
    const expression = this.#or()
    if (this.#token.kind !== 'end') throw this.#expected('"&&", "||" or the end of the rule')
    return expression
  }

  #or(): Expression {
    const first = this.#and()
    if (this.#token.kind !== '||') return first
    const operands = operandsOf('or', first)
    while (this.#skip('||')) operands.push(...operandsOf('or', this.#and()))
    return { kind: 'or', operands }
  }

  #and(): Expression {
    const first = this.#unary()
    if (this.#token.kind !== '&&') return first
    const operands = operandsOf('and', first)
    while (this.#skip('&&')) operands.push(...operandsOf('and', this.#unary()))
    return { kind: 'and', operands }
  }

  #unary(): Expression {
    const { kind, column } = this.#token
    if (kind === 'name') return this.#call()
    if (kind !== '!' && kind !== '(') throw this.#expected('a matcher, "!" or "("')
    if (++this.#depth > maxDepth) {
      throw new RuleSyntaxError(`rule is nested deeper than ${maxDepth} levels`, column)
    }
    this.#advance()
    const expression: Expression =
      kind === '!' ? { kind: 'not', operand: this.#unary() } : this.#group()
    this.#depth--
    return expression
  }

  #group(): Expression {
    const expression = this.#or()
    if (!this.#skip(')')) throw this.#expected('"&&", "||" or ")"')
    return expression
  }

  #call(): CallExpression {
    const { text: name, column } = this.#advance()
    if (!this.#skip('(')) throw this.#expected(`"(" after "${name}"`)
    const args: Literal[] = []
    if (this.#skip(')')) return { kind: 'call', name, column, args }
    do {
      if (this.#token.kind !== 'literal') {
        throw this.#expected('a literal in backticks or double quotes')
      }
      const { text, column: literalColumn } = this.#advance()
      args.push({ text, column: literalColumn })
    } while (this.#skip(','))
    if (!this.#skip(')')) throw this.#expected('"," or ")"')
    return { kind: 'call', name, column, args }
  }

  #advance(): Token {
    const token = this.#token
    this.#token = this.#lexer.next()
    return token
  }

  #skip(kind: Token['kind']): boolean {
    if (this.#token.kind !== kind) return false
    this.#advance()
    return true
  }

  #expected(what: string): RuleSyntaxError {
    return new RuleSyntaxError(
      `expected ${what}, found ${describe(this.#token)}`,
      this.#token.column,
    )
  }
}

/** The parts of an expression of this kind, which stood in parentheses; else the expression. */
function operandsOf(kind: 'and' | 'or', expression: Expression): Expression[] {
  return expression.kind === kind ? [...expression.operands] : [expression]
}

function describe({ kind, text }: Token): string {
  if (kind === 'end') return 'the end of the rule'
  return kind === 'literal' ? `the literal "${text}"` : `"${text}"`
}
