/**
 * Finds what the grammar's parser accepts and then loses without a word: definitions that overwrite
 * each other, labels that become ambiguous keys, numbers that are rounded.
 *
 * @module
 */
import type { ConfigPath } from '@gatewright/kernel'
import type { ProblemCode } from '../codes.ts'
import { isReserved, sectionName } from '../names.ts'
import type { ReportSource } from '../source-problem.ts'
import type { SourceText, Span } from '../source-text.ts'
import type { Attribute, Block, Body, Literal, ObjectEntry, Structure } from './structure.ts'

/** Reports every loss in a file. */
export function checkStructure(
  structure: Structure,
  source: SourceText,
  report: ReportSource,
): void {
  new StructureCheck(structure, source, report).body(structure.body, [])
}

class StructureCheck {
  readonly #lossyNumbers: readonly Span[]
  readonly #source: SourceText
  readonly #report: ReportSource

  constructor(structure: Structure, source: SourceText, report: ReportSource) {
    this.#lossyNumbers = structure.lossyNumbers
    this.#source = source
    this.#report = report
  }

  body(body: Body, path: ConfigPath): void {
    const groups = Map.groupBy(body.items, (item) => this.#keyOf(item, path))
    for (const [key, items] of groups) {
      const at = [...path, key]
      const attributes = items.filter((item) => item.kind === 'attribute')
      const blocks = items.filter((item) => item.kind === 'block')
      this.#name(key, nameSpan(items[0]), at)
      this.#single(attributes, blocks, at)
      for (const attribute of attributes) this.#attribute(attribute, at)
      this.#labels(blocks, at)
      this.#blocks(blocks, at)
    }
  }

  #keyOf(item: Attribute | Block, path: ConfigPath): string {
    const name = item.kind === 'block' ? item.type : item.name
    return path.length === 0 ? sectionName(name) : name
  }

  /** An attribute cannot share its name: the parser keeps it and drops the blocks. */
  #single(attributes: readonly Attribute[], blocks: readonly Block[], path: ConfigPath): void {
    const [first, ...more] = attributes
    if (first === undefined) return
    for (const { nameSpan: span } of more) this.#duplicate(span, first.nameSpan, path)
    for (const { header } of blocks) {
      const other = this.#source.reference(first.nameSpan.start)
      const message = `set as a block here and as an attribute at ${other}`
      this.#problem('GW_CONFIG_DUPLICATE', message, header, path)
    }
  }

  #attribute(attribute: Attribute, path: ConfigPath): void {
    const { span } = attribute.value
    for (const number of this.#lossyNumbers) {
      if (number.start < span.start || number.end > span.end) continue
      const text = this.#source.text.slice(number.start, number.end)
      const message = `number ${text} is too large to be exact`
      this.#problem('GW_CONFIG_NUMBER', message, number, path)
    }
    this.#literal(attribute.value, path)
  }

  #literal(literal: Literal, path: ConfigPath): void {
    if (literal.kind === 'list') {
      for (const [index, item] of literal.items.entries()) this.#literal(item, [...path, index])
    }
    if (literal.kind !== 'object') return
    const seen = new Map<string, ObjectEntry>()
    for (const entry of literal.entries) {
      const { key, keySpan, value } = entry
      if (key === undefined) {
        this.#computedKey(keySpan, path)
        this.#literal(value, path)
        continue
      }
      const at = [...path, key]
      const first = seen.get(key)
      this.#name(key, keySpan, at)
      if (first === undefined) seen.set(key, entry)
      else this.#duplicate(keySpan, first.keySpan, at)
      this.#literal(value, at)
    }
  }

  /** A computed key is checked again when it is known. */
  #computedKey(span: Span, path: ConfigPath): void {
    const key = this.#source.text.slice(span.start, span.end)
    if (key.startsWith('"') || key.startsWith('(')) return
    const message = `a key must be a name or quoted text, found ${key}`
    this.#problem('GW_CONFIG_EXPRESSION', message, span, path)
  }

  #labels(blocks: readonly Block[], path: ConfigPath): void {
    const labelled = blocks.find(({ labels }) => labels.length > 0)
    if (labelled === undefined) return
    const seen = new Map<string, Block>()
    for (const block of blocks) {
      const [label, second] = block.labels
      if (label === undefined) {
        const other = this.#source.reference(labelled.header.start)
        const message = `block needs a label, like that at ${other}`
        this.#problem('GW_CONFIG_LABEL', message, block.header, path)
        continue
      }
      if (second !== undefined) {
        const message = `expected exactly one label, found ${block.labels.length}`
        this.#problem('GW_CONFIG_LABEL', message, second.span, path)
        continue
      }
      if (label.text === '') {
        this.#problem('GW_CONFIG_LABEL', 'the name must not be empty', label.span, path)
      }
      const at = [...path, label.text]
      this.#name(label.text, label.span, at)
      const first = seen.get(label.text)
      if (first === undefined) seen.set(label.text, block)
      else this.#duplicate(block.header, first.header, at)
    }
  }

  #blocks(blocks: readonly Block[], path: ConfigPath): void {
    for (const [index, { body, labels }] of blocks.entries()) {
      const label = labels[0]?.text ?? (blocks.length > 1 ? index : undefined)
      this.body(body, label === undefined ? path : [...path, label])
    }
  }

  #name(name: string, span: Span, path: ConfigPath): void {
    if (isReserved(name)) this.#problem('GW_CONFIG_NAME', `"${name}" is reserved`, span, path)
  }

  #duplicate(span: Span, first: Span, path: ConfigPath): void {
    const message = `duplicate definition; the first is at ${this.#source.reference(first.start)}`
    this.#problem('GW_CONFIG_DUPLICATE', message, span, path)
  }

  #problem(code: ProblemCode, message: string, span: Span, path: ConfigPath): void {
    this.#report({ code, message, span, path })
  }
}

function nameSpan(item: Attribute | Block | undefined): Span {
  if (item === undefined) return { start: 0, end: 0 }
  return item.kind === 'block' ? item.typeSpan : item.nameSpan
}
