/**
 * Finds the value of every attribute: in the parser's JSON if it is plain, else by evaluation.
 *
 * @module
 */
import type { ConfigPath } from '@gatewright/kernel'
import { errors } from './errors.ts'
import { Evaluator, type EvaluatorOptions } from './evaluate/evaluator.ts'
import { ExpressionSource } from './evaluate/expression-source.ts'
import { fromJson, inSourceOrder, type Value } from './evaluate/value.ts'
import { type Json, type JsonObject, parseExpressions } from './grammar/grammar.ts'
import { sectionName } from './names.ts'
import type { Attribute, Block, Body } from './scan/structure.ts'
import type { AttributeValues } from './shape.ts'

/** An attribute as the scanner and as the parser saw it. */
interface Pair {
  readonly attribute: Attribute
  readonly json: Json
  readonly path: ConfigPath
}

/** Values that could not be found are reported and unknown. */
export async function findValues(
  text: string,
  body: Body,
  json: JsonObject,
  options: EvaluatorOptions,
): Promise<AttributeValues> {
  const pairs = pairAttributes(body, json, [])
  const values = new Map<Attribute, Value>()
  const templates: Pair[] = []
  for (const pair of pairs) {
    if (hasTemplate(pair.json)) templates.push(pair)
    else values.set(pair.attribute, inSourceOrder(fromJson(pair.json), pair.attribute.value))
  }
  for (const [attribute, value] of await evaluate(text, templates, options)) {
    values.set(attribute, value)
  }
  return values
}

async function evaluate(
  text: string,
  pairs: readonly Pair[],
  options: EvaluatorOptions,
): Promise<[Attribute, Value][]> {
  const slices = pairs.map(({ attribute }) => {
    const { start, end } = attribute.value.span
    return { start, source: text.slice(start, end) }
  })
  // A heredoc needs a line break behind its marker.
  const trees = await parseExpressions(slices.map(({ source }) => `${source}\n`))
  if (typeof trees === 'string') throw errors.GW_CONFIG_PARSER({ problem: trees })
  return pairs.flatMap(({ attribute, path }, index): [Attribute, Value][] => {
    const slice = slices[index]
    const tree = trees[index]
    if (slice === undefined || tree === undefined) return []
    const source = new ExpressionSource(slice.source, slice.start)
    return [[attribute, new Evaluator(source, options).evaluate(tree, path)]]
  })
}

/** The parser marks everything that it did not evaluate, and escapes, with `${` or `%{`. */
function hasTemplate(json: Json): boolean {
  if (typeof json === 'string') return json.includes('${') || json.includes('%{')
  if (typeof json !== 'object' || json === null) return false
  return Object.entries(json).some(([key, item]) => hasTemplate(key) || hasTemplate(item))
}

function pairAttributes(body: Body, json: Json | undefined, path: ConfigPath): Pair[] {
  // A block that an attribute of the same name overwrote is reported by the structure check.
  if (!isObject(json)) return []
  const groups = Map.groupBy(body.items, (item) => (item.kind === 'block' ? item.type : item.name))
  return [...groups].flatMap(([name, items]) => {
    const at = [...path, path.length === 0 ? sectionName(name) : name]
    const own = property(json, name)
    const attributes = items.filter((item) => item.kind === 'attribute')
    const blocks = items.filter((item) => item.kind === 'block')
    return [
      ...(own === undefined
        ? []
        : attributes.map((each) => ({ attribute: each, json: own, path: at }))),
      ...pairBlocks(blocks, own, at),
    ]
  })
}

/** Blocks of one type. Those with the same labels are a list in the JSON. */
function pairBlocks(blocks: readonly Block[], json: Json | undefined, path: ConfigPath): Pair[] {
  const seen = new Map<string, number>()
  return blocks.flatMap(({ labels, body }) => {
    const names = labels.map(({ text }) => text)
    const key = JSON.stringify(names)
    const index = seen.get(key) ?? 0
    seen.set(key, index + 1)
    const content = itemAt(names.reduce<Json | undefined>(property, json), index)
    const segment = names[0] ?? (blocks.length > 1 ? index : undefined)
    return pairAttributes(body, content, segment === undefined ? path : [...path, segment])
  })
}

function property(json: Json | undefined, name: string): Json | undefined {
  return isObject(json) && Object.hasOwn(json, name) ? json[name] : undefined
}

function itemAt(json: Json | undefined, index: number): Json | undefined {
  return Array.isArray(json) ? json[index] : undefined
}

function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}
