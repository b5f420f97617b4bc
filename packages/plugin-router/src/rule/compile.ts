import {
  type ConfigProblem,
  isGatewayError,
  type MatcherFactory,
  nearest,
  problemOf,
  type Registry,
  type Route,
  titleOfFactory,
} from '@gatewright/kernel'
import { foreignTest } from '../matchers/foreign-test.ts'
import { boundsOf } from '../matchers/indexed-factory.ts'
import { isOwn } from '../matchers/own-matchers.ts'
import { type HostKey, type PathKey, tightest } from './bound.ts'
import {
  allOf,
  type Condition,
  conjunction,
  disjunction,
  negation,
  type Test,
} from './condition.ts'
import type { CallExpression, Expression } from './expression.ts'
import { parseRule } from './parser.ts'
import { ArgumentError } from './rule-error.ts'

/** A rule as the route index takes it. */
export interface CompiledRule {
  /** As it was compiled. */
  readonly text: string
  /** The rule can only match these hosts; `undefined` if any. */
  readonly hosts: readonly HostKey[] | undefined
  /** The rule can only match these paths; `undefined` if any. */
  readonly paths: readonly PathKey[] | undefined
  /** What is left to ask once host and path fit; `undefined` if nothing is. */
  readonly rest: Test | undefined
  /** True if it may depend on what the client of a stream says first. */
  readonly peeks: boolean
}

/** Takes what is wrong with a rule. */
export type ReportRule = (problem: Omit<ConfigProblem, 'path'>) => void

/** Where the compiler finds matchers. */
export type Matchers = Pick<Registry<MatcherFactory>, 'find' | 'get' | 'types'>

/** What to do about a problem. */
interface Remedy {
  readonly suggestion?: string | undefined
  readonly hint?: string | undefined
}

/** Compiles the rules of routers of one kind. */
export class RuleCompiler {
  readonly #matchers: Matchers
  readonly #kind: Route['kind']
  readonly #report: ReportRule
  #failed = false
  #peeks = false

  constructor(matchers: Matchers, kind: Route['kind'], report: ReportRule) {
    this.#matchers = matchers
    this.#kind = kind
    this.#report = report
  }

  /** `undefined` if anything is wrong with the rule; all of it has been reported then. */
  compile(rule: string): CompiledRule | undefined {
    this.#failed = false
    this.#peeks = false
    const expression = this.#parse(rule)
    if (expression === undefined) return undefined
    const operands = expression.kind === 'and' ? expression.operands : [expression]
    const conditions = operands.map((operand) => this.#condition(operand))
    return this.#failed
      ? undefined
      : { text: rule, ...compiledRule(conditions), peeks: this.#peeks }
  }

  #parse(rule: string): Expression | undefined {
    try {
      return parseRule(rule)
    } catch (error) {
      this.#fail('GW_RULE_SYNTAX', problemOf(error))
      return undefined
    }
  }

  #condition(expression: Expression): Condition {
    switch (expression.kind) {
      case 'call':
        return this.#call(expression)
      case 'not':
        return negation(this.#condition(expression.operand))
      case 'and':
        return conjunction(expression.operands.map((operand) => this.#condition(operand)))
      case 'or':
        return disjunction(expression.operands.map((operand) => this.#condition(operand)))
    }
  }

  #call(call: CallExpression): Condition {
    const factory = this.#factory(call)
    const args = call.args.map(({ text }) => text)
    try {
      if (factory !== undefined) {
        const test = factory.compile(args)
        this.#peeks ||= factory.peeks?.(args) === true
        if (!isOwn(factory))
          return { test: foreignTest(titleOfFactory(factory, 'matcher'), test), bounds: {} }
        return { test, bounds: boundsOf(factory, args) }
      }
    } catch (error) {
      this.#refuseArguments(call, error)
    }
    return unusable
  }

  /** The factory of a call whose name, kind and number of arguments are right. */
  #factory({ name, column, args }: CallExpression): MatcherFactory | undefined {
    const factory = this.#matchers.find(name)
    if (factory === undefined) {
      this.#refuseName(name, column)
      return undefined
    }
    if (factory.kind !== 'any' && factory.kind !== this.#kind) {
      const problem = `matcher "${name}" is for ${factory.kind} routers`
      this.#fail(
        'GW_RULE_KIND',
        `${problem}; this router is one for ${this.#kind}, at column ${column}`,
      )
      return undefined
    }
    const { arity } = factory
    if (!Array.isArray(arity) || arity.length !== 2) {
      const expected = `"arity" of [min, max], found ${JSON.stringify(arity)}`
      this.#fail('GW_RULE_ARITY', `the plugin of matcher "${name}" has to give it ${expected}`)
      return undefined
    }
    const [min, max] = arity
    if (args.length < min || args.length > max) {
      const expected = describeArity(min, max)
      const found = `found ${args.length} at column ${column}`
      this.#fail('GW_RULE_ARITY', `matcher "${name}" expects ${expected}, ${found}`)
      return undefined
    }
    return factory
  }

  #refuseName(name: string, column: number): void {
    const fitting = this.#matchers.types().filter((type) => {
      const kind = this.#matchers.find(type)?.kind
      return kind === 'any' || kind === this.#kind
    })
    const suggestion = nearest(name, fitting)
    const rest =
      suggestion === undefined
        ? `; known: ${fitting.length === 0 ? 'none' : fitting.join(', ')}`
        : `; did you mean "${suggestion}"?`
    const message = `unknown matcher "${name}" at column ${column}${rest}`
    this.#fail('GW_RULE_UNKNOWN_MATCHER', message, { suggestion })
  }

  #refuseArguments({ name, column, args }: CallExpression, error: unknown): void {
    const at = args[positionOf(error) ?? -1]?.column ?? column
    const message = `matcher "${name}": ${problemOf(error)} at column ${at}`
    const hasCode = error instanceof ArgumentError || isGatewayError(error)
    const hint = isGatewayError(error) ? error.hint : undefined
    this.#fail(hasCode ? error.code : 'GW_RULE_LITERAL', message, { hint })
  }

  #fail(code: string, message: string, { suggestion, hint }: Remedy = {}): void {
    this.#failed = true
    const remedy = {
      ...(suggestion !== undefined && { suggestion }),
      ...(hint !== undefined && { hint }),
    }
    this.#report({ code, message, ...remedy })
  }
}

/** Which argument an error blames, counted from 0; `undefined` if it blames the call. */
function positionOf(error: unknown): number | undefined {
  if (error instanceof ArgumentError) return error.position
  const [position] = isGatewayError(error) ? error.option : []
  return typeof position === 'number' ? position : undefined
}

/** Stands for a call that was refused; its rule is never used. */
const unusable: Condition = { test: () => false, bounds: {} }

function describeArity(min: number, max: number): string {
  const noun = max === 1 ? 'argument' : 'arguments'
  if (min === max) return `${min} ${noun}`
  if (max === Infinity) return `at least ${min} ${min === 1 ? 'argument' : 'arguments'}`
  return `${min} to ${max} ${noun}`
}

/** Only what all of the rule depends on can be left to the index. */
function compiledRule(conditions: readonly Condition[]): Omit<CompiledRule, 'text' | 'peeks'> {
  const hosts = tightest(conditions.map(({ bounds }) => bounds.hosts))
  const paths = tightest(conditions.map(({ bounds }) => bounds.paths))
  const left = conditions.filter(({ bounds }) => {
    const saidByHosts = hosts?.exact === true && bounds.hosts === hosts
    const saidByPaths = paths?.exact === true && bounds.paths === paths
    return !saidByHosts && !saidByPaths
  })
  return { hosts: hosts?.keys, paths: paths?.keys, rest: allOf(left.map(({ test }) => test)) }
}
