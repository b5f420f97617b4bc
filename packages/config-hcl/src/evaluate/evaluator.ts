/**
 * Evaluates the grammar's syntax trees. Text becomes a value only here: the parser's JSON shows
 * `"\u0024${x}"` and `"$${x}"` as the same string, though only one of them is a template.
 *
 * @module
 */
import { type ConfigPath, nearest } from '@gatewright/kernel'
import type { ExpressionMeta, ExpressionNode, TraversalStep } from '../grammar/grammar.ts'
import { isReserved } from '../names.ts'
import { constantKey } from '../scan/literal.ts'
import type { ReportSource } from '../source-problem.ts'
import { decodeQuoted } from '../string-literal.ts'
import { toBoolean, toList, toText } from './conversion.ts'
import type { ExpressionSource } from './expression-source.ts'
import { Fault, MissingVariable } from './fault.ts'
import { checkArity, coalesce, functions } from './functions.ts'
import { binary, index, unary } from './operators.ts'
import type { Scope } from './scope.ts'
import { readTemplate, type TemplatePart, type TemplateStyle } from './template.ts'
import { isUnknown, scalar, sourcesOf, unknown, type Value } from './value.ts'

/** Expressions may nest this deep; the call stack is not endless. */
const maxDepth = 200

const noMeta: ExpressionMeta = { value: '' }

export interface EvaluatorOptions {
  readonly scope: Scope
  readonly report: ReportSource
  /** Called for a variable that is not set; then its value is unknown. Without it, a problem. */
  readonly onMissing?: ((name: string, path: ConfigPath) => void) | undefined
}

type Rule = (node: ExpressionNode, path: ConfigPath) => Value

/** Evaluates the expressions of one attribute. */
export class Evaluator {
  readonly #source: ExpressionSource
  readonly #options: EvaluatorOptions
  readonly #rules: ReadonlyMap<string, Rule>
  readonly #scoped: ReadonlyMap<string, Rule>
  #depth = 0

  constructor(source: ExpressionSource, options: EvaluatorOptions) {
    this.#source = source
    this.#options = options
    this.#rules = new Map<string, Rule>([
      ['', (node, path) => this.#apply(child(node, 0), path)],
      ['literalValue', literal],
      ['template', (node, path) => this.#template(node, path)],
      ['templateWrap', (node, path) => this.#apply(child(node, 0), path)],
      ['templateJoin', (node) => this.#directive(node)],
      ['tuple', (node, path) => this.#tuple(node, path)],
      ['object', (node, path) => this.#object(node, path)],
      ['scopeTraversal', (node) => this.#reference(node)],
      ['relativeTraversal', (node, path) => this.#traversal(node, path)],
      ['index', (node, path) => this.#computed(node, path, index)],
      ['binaryOp', (node, path) => this.#binary(node, path)],
      ['unaryOp', (node, path) => this.#unary(node, path)],
      ['conditional', (node, path) => this.#conditional(node, path)],
      ['function', (node, path) => this.#call(node, path)],
    ])
    this.#scoped = new Map<string, Rule>([
      ['env', (node, path) => this.#env(node, path)],
      ['file', (node, path) => this.#file(node, path)],
      ['coalesce', (node, path) => this.#coalesce(node, path)],
    ])
  }

  /** Never throws: a problem is reported, and the value is unknown. */
  evaluate(node: ExpressionNode, path: ConfigPath): Value {
    const { report, onMissing } = this.#options
    try {
      return this.#apply(node, path)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      if (error instanceof MissingVariable && onMissing !== undefined) {
        onMissing(error.variable, path)
        return unknown
      }
      const { code, message, hint } = error
      const span = error.span ?? this.#source.span(node)
      report({ code, message, span, path, ...(hint !== undefined && { hint }) })
      return unknown
    }
  }

  #apply(node: ExpressionNode, path: ConfigPath): Value {
    try {
      if (++this.#depth > maxDepth) throw unsupported('the expression is nested too deeply')
      const rule = this.#rules.get(node.type)
      if (rule === undefined) throw unsupported(`a "${node.type}" expression is not supported`)
      return rule(node, path)
    } catch (error) {
      if (error instanceof Fault) error.span ??= this.#source.span(node)
      throw error
    } finally {
      this.#depth--
    }
  }

  #all(nodes: readonly ExpressionNode[], path: ConfigPath): Value[] {
    return nodes.map((node) => this.evaluate(node, path))
  }

  #template(node: ExpressionNode, path: ConfigPath): Value {
    const values = new Map<ExpressionNode, Value>()
    const style = styleOf(node)
    const parts = node.children.map((part): TemplatePart<ExpressionNode> => {
      if (part.type === 'literalValue' && part.meta?.type === 'string') {
        const indent = style === 'flush heredoc' ? this.#source.indentBefore(part) : ''
        return {
          kind: 'literal',
          source: `${indent}${part.meta.value}`,
          trimStart: this.#source.trimsBefore(part),
          trimEnd: this.#source.trimsAfter(part),
        }
      }
      values.set(part, this.evaluate(part, path))
      return { kind: 'expression', node: part }
    })
    if ([...values.values()].some(isUnknown)) return unknownFrom(...values.values())
    const texts = readTemplate(style, parts).map((part) =>
      typeof part === 'string' ? part : toText(values.get(part.node) ?? unknown),
    )
    const sources = sourcesOf(...values.values())
    return { kind: 'scalar', data: texts.join(''), sources, template: values.size > 0 }
  }

  #tuple(node: ExpressionNode, path: ConfigPath): Value {
    const items = node.children.map((item, position) => this.evaluate(item, [...path, position]))
    return { kind: 'list', items }
  }

  /** Children are keys and values by turns. */
  #object(node: ExpressionNode, path: ConfigPath): Value {
    const entries = new Map<string, Value>()
    for (let at = 0; at < node.children.length; at += 2) {
      const keyNode = child(node, at)
      const key = this.#key(keyNode, path)
      if (key === undefined) continue
      if (entries.has(key) && isComputed(keyNode)) throw this.#duplicate(keyNode)
      entries.set(key, this.evaluate(child(node, at + 1), [...path, key]))
    }
    return { kind: 'dictionary', entries }
  }

  /** A bare word is a name; everything else is evaluated. `undefined` if that failed. */
  #key(node: ExpressionNode, path: ConfigPath): string | undefined {
    const [inner] = node.children
    if (inner === undefined) return this.#source.nameAt(node)
    const value = this.evaluate(inner, path)
    if (isUnknown(value)) return undefined
    const key = toText(value)
    if (isReserved(key)) throw new Fault('GW_CONFIG_NAME', `"${key}" is reserved`)
    return key
  }

  #duplicate(key: ExpressionNode): Fault {
    const fault = new Fault('GW_CONFIG_DUPLICATE', 'duplicate definition of a computed key')
    fault.span = this.#source.span(child(key, 0))
    return fault
  }

  #reference(node: ExpressionNode): Value {
    const { traversal = [], fullAccessor = '' } = node.meta ?? noMeta
    const [root, ...rest] = traversal
    if (root?.segment === 'env' && rest[0] !== undefined) {
      return follow(this.#variable(stepName(rest[0]), node), rest.slice(1))
    }
    const name = root?.segment ?? ''
    if (/^[A-Za-z_]\w*$/.test(name) && rest.length === 0) return this.#variable(name, node)
    if (this.#source.isInterpolated(node)) {
      throw unsupported(`unknown name "${fullAccessor}"`, 'write "${NAME}" or "${env.NAME}"')
    }
    const message = `unknown name "${fullAccessor}"; did you mean a quoted string?`
    throw unsupported(message, `text needs double quotes: ${JSON.stringify(fullAccessor)}`)
  }

  #variable(name: string, node: ExpressionNode): Value {
    const value = this.#options.scope.variable(name)
    if (value !== undefined) return value
    const isBare = node.meta?.fullAccessor === name && !this.#source.isInterpolated(node)
    const alternative = isBare
      ? `if it is meant as text, put it in quotes: "${name}"`
      : `give a default: env("${name}", "…")`
    throw new MissingVariable(name, `set the variable, or ${alternative}`)
  }

  #traversal(node: ExpressionNode, path: ConfigPath): Value {
    return follow(this.evaluate(child(node, 0), path), node.meta?.traversal ?? [])
  }

  #binary(node: ExpressionNode, path: ConfigPath): Value {
    const operator = node.meta?.operator ?? ''
    return this.#computed(node, path, (left, right) => binary(operator, left, right))
  }

  #unary(node: ExpressionNode, path: ConfigPath): Value {
    const operand = this.evaluate(child(node, 0), path)
    return isUnknown(operand) ? unknownFrom(operand) : unary(node.meta?.operator ?? '', operand)
  }

  #computed(
    node: ExpressionNode,
    path: ConfigPath,
    compute: (left: Value, right: Value) => Value,
  ): Value {
    const left = this.evaluate(child(node, 0), path)
    const right = this.evaluate(child(node, 1), path)
    return isUnknown(left) || isUnknown(right) ? unknownFrom(left, right) : compute(left, right)
  }

  /** Only the chosen side is evaluated. */
  #conditional(node: ExpressionNode, path: ConfigPath): Value {
    if (node.meta?.value.startsWith('%{') === true) return this.#directive(node)
    const condition = this.evaluate(child(node, 0), path)
    if (isUnknown(condition)) return unknownFrom(condition)
    return this.evaluate(child(node, toBoolean(condition) ? 1 : 2), path)
  }

  #directive(node: ExpressionNode): never {
    const fault = unsupported('template directives are not supported', 'write "%%{" for "%{"')
    const start = this.#source.text.lastIndexOf('%{', this.#source.startOf(node))
    fault.span = this.#source.shift({ start, end: start + 2 })
    throw fault
  }

  #call(node: ExpressionNode, path: ConfigPath): Value {
    const { name = '', expandedFinalArgument = false } = node.meta ?? noMeta
    const scoped = this.#scoped.get(name)
    if (scoped !== undefined && !expandedFinalArgument) return scoped(node, path)
    const called = functions.get(name)
    if (called === undefined) throw this.#unknownFunction(name)
    const args = this.#all(node.children, path)
    if (args.some(isUnknown)) return unknownFrom(...args)
    const last = expandedFinalArgument ? args.pop() : undefined
    if (last !== undefined) args.push(...toList(last).items)
    checkArity(name, called.arity, args.length)
    const [first = unknown, ...more] = args
    return called.call([first, ...more])
  }

  #unknownFunction(name: string): Fault {
    const known = [...functions.keys(), ...this.#scoped.keys()]
    if (known.includes(name)) return unsupported(`${name} does not take "..."`)
    const suggestion = nearest(name, known)
    const rest = suggestion === undefined ? '' : `; did you mean "${suggestion}"?`
    return unsupported(
      `unknown function "${name}"${rest}`,
      `functions: ${known.toSorted().join(', ')}`,
    )
  }

  /** The default stands in for an unset variable and for an empty one. */
  #env(node: ExpressionNode, path: ConfigPath): Value {
    checkArity('env', [1, 2], node.children.length)
    const name = this.evaluate(child(node, 0), path)
    if (isUnknown(name)) return unknownFrom(name)
    const [, fallback] = node.children
    if (fallback === undefined) return this.#variable(toText(name), node)
    const value = this.#options.scope.variable(toText(name))
    if (value !== undefined && value.data !== '') return value
    const instead = this.evaluate(fallback, path)
    // As text it may still become a number or a boolean, like the variable itself.
    return instead.kind === 'scalar' && !instead.template
      ? { ...instead, sources: [`environment variable "${toText(name)}" (default)`] }
      : instead
  }

  #file(node: ExpressionNode, path: ConfigPath): Value {
    checkArity('file', [1, 1], node.children.length)
    const name = this.evaluate(child(node, 0), path)
    if (isUnknown(name)) return unknownFrom(name)
    const text = toText(name)
    const sources = sourcesOf(name)
    const shown = sources.length === 0 ? `"${text}"` : `named by ${sources.join(' and ')}`
    return this.#options.scope.file(text, `file ${shown}`)
  }

  /** A variable that is not set counts as null here. */
  #coalesce(node: ExpressionNode, path: ConfigPath): Value {
    checkArity('coalesce', [1, Number.POSITIVE_INFINITY], node.children.length)
    let missing: MissingVariable | undefined
    const values = node.children.flatMap((argument) => {
      try {
        return [this.#apply(argument, path)]
      } catch (error) {
        if (!(error instanceof MissingVariable)) throw error
        missing ??= error
        return []
      }
    })
    const found = coalesce(values)
    if (found !== undefined) return found
    throw missing ?? unsupported('every argument of coalesce is null or empty')
  }
}

function child(node: ExpressionNode, at: number): ExpressionNode {
  const found = node.children[at]
  if (found === undefined) throw unsupported('the expression is not supported')
  return found
}

/** Constant keys are compared by the structure check. */
function isComputed(key: ExpressionNode): boolean {
  const [inner] = key.children
  return inner !== undefined && constantKey(inner.meta?.value ?? '') === undefined
}

function literal(node: ExpressionNode): Value {
  const { type, value } = node.meta ?? noMeta
  if (type === 'number') return scalar(Number(value))
  if (type === 'bool') return scalar(value === 'true')
  return scalar(type === 'string' ? decodeQuoted(value) : null)
}

function styleOf(node: ExpressionNode): TemplateStyle {
  const source = node.meta?.value ?? ''
  if (source.startsWith('<<-')) return 'flush heredoc'
  return source.startsWith('<<') ? 'heredoc' : 'quoted'
}

function follow(value: Value, steps: readonly TraversalStep[]): Value {
  if (isUnknown(value)) return unknownFrom(value)
  return steps.reduce((current, step) => index(current, scalar(stepName(step))), value)
}

/** The segment of an index is source text: `0` or `"name"`. */
function stepName(step: TraversalStep): string {
  const quoted = /^"(.*)"$/s.exec(step.segment)?.[1]
  return step.type === 'indexTraversal' && quoted !== undefined
    ? decodeQuoted(quoted)
    : step.segment
}

function unknownFrom(...values: readonly Value[]): Value {
  return { kind: 'unknown', sources: sourcesOf(...values) }
}

function unsupported(message: string, hint?: string): Fault {
  return new Fault('GW_CONFIG_EXPRESSION', message, hint)
}
