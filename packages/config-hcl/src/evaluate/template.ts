import type { ExpressionNode } from '../grammar/grammar.ts'
import { toText } from './conversion.ts'
import { type Evaluation, type Rule, unknownFrom, unsupported } from './evaluation.ts'
import type { ExpressionSource } from './expression-source.ts'
import { type LiteralPart, readTemplate, type TemplateStyle } from './template-text.ts'
import { isUnknown, sourcesOf, unknown, type Value } from './value.ts'

/** Text with or without `${…}` in it, in quotes or as a heredoc. */
export const template: Rule = (node, path, evaluation) => {
  const style = styleOf(node)
  const values = new Map<ExpressionNode, Value>()
  for (const part of node.children) {
    if (!isLiteral(part)) values.set(part, evaluation.evaluate(part, path))
  }
  if ([...values.values()].some(isUnknown)) return unknownFrom(...values.values())
  const parts = node.children.map((part) =>
    values.has(part)
      ? ({ kind: 'expression', node: part } as const)
      : literalPart(part, style, evaluation.source),
  )
  const texts = readTemplate(style, parts).map((part) =>
    typeof part === 'string' ? part : toText(values.get(part.node) ?? unknown),
  )
  const sources = sourcesOf(...values.values())
  return { kind: 'scalar', data: texts.join(''), sources, template: values.size > 0 }
}

/** `%{ if … }` and `%{ for … }` */
export const directive = (node: ExpressionNode, evaluation: Evaluation): never => {
  const { source } = evaluation
  const fault = unsupported('template directives are not supported', 'write "%%{" for "%{"')
  const start = source.text.lastIndexOf('%{', source.startOf(node))
  fault.span = source.shift({ start, end: start + 2 })
  throw fault
}

function isLiteral(node: ExpressionNode): boolean {
  return node.type === 'literalValue' && node.meta?.type === 'string'
}

function literalPart(
  node: ExpressionNode,
  style: TemplateStyle,
  source: ExpressionSource,
): LiteralPart {
  // The tree leaves out the indentation that a flush heredoc loses, but only of the first line.
  const indent = style === 'flush heredoc' ? source.indentBefore(node) : ''
  return {
    kind: 'literal',
    source: `${indent}${node.meta?.value ?? ''}`,
    trimStart: source.trimsBefore(node),
    trimEnd: source.trimsAfter(node),
  }
}

function styleOf(node: ExpressionNode): TemplateStyle {
  const source = node.meta?.value ?? ''
  if (source.startsWith('<<-')) return 'flush heredoc'
  return source.startsWith('<<') ? 'heredoc' : 'quoted'
}
