import type { Json } from '../grammar/grammar.ts'
import type { Literal } from '../scan/structure.ts'

/** The result of an expression, with the memory of what outside of the file it came from. */
export type Value = Scalar | List | Dictionary | Unknown

export interface Scalar {
  readonly kind: 'scalar'
  readonly data: string | number | boolean | null
  /** `environment variable "RATE"`, … */
  readonly sources: readonly string[]
  /** True if text was put together in a template, so that no schema may give it another type. */
  readonly template: boolean
}

export interface List {
  readonly kind: 'list'
  readonly items: readonly Value[]
}

export interface Dictionary {
  readonly kind: 'dictionary'
  readonly entries: ReadonlyMap<string, Value>
}

/** What depends on a missing variable, or on something that was reported. */
export interface Unknown {
  readonly kind: 'unknown'
  readonly sources: readonly string[]
}

export const unknown: Unknown = { kind: 'unknown', sources: [] }

export function scalar(data: Scalar['data'], sources: readonly string[] = []): Scalar {
  return { kind: 'scalar', data, sources, template: false }
}

/** Everything from outside of the file that a value came from, each once. */
export function sourcesOf(...values: readonly Value[]): readonly string[] {
  return [...new Set(values.flatMap(collectSources))]
}

/** True if a value, or a part of it, is not known. */
export function isUnknown(value: Value): boolean {
  if (value.kind === 'list') return value.items.some(isUnknown)
  if (value.kind === 'dictionary') return [...value.entries.values()].some(isUnknown)
  return value.kind === 'unknown'
}

/** JSON as a value. */
export function fromJson(json: Json, sources: readonly string[] = []): Value {
  if (isList(json)) return { kind: 'list', items: json.map((item) => fromJson(item, sources)) }
  if (typeof json !== 'object' || json === null) return scalar(json, sources)
  const entries = Object.entries(json).map(([key, item]) => [key, fromJson(item, sources)] as const)
  return { kind: 'dictionary', entries: new Map(entries) }
}

/** The parser sorts keys; this brings a literal's keys back into the order of the source. */
export function inSourceOrder(value: Value, literal: Literal): Value {
  if (value.kind === 'list' && literal.kind === 'list') {
    const items = value.items.map((item, index) => {
      const itemLiteral = literal.items[index]
      return itemLiteral === undefined ? item : inSourceOrder(item, itemLiteral)
    })
    return { kind: 'list', items }
  }
  if (value.kind !== 'dictionary' || literal.kind !== 'object') return value
  const entries = new Map<string, Value>()
  for (const { key, value: entryLiteral } of literal.entries) {
    const item = key === undefined ? undefined : value.entries.get(key)
    if (key !== undefined && item !== undefined) {
      entries.set(key, inSourceOrder(item, entryLiteral))
    }
  }
  for (const [key, item] of value.entries) if (!entries.has(key)) entries.set(key, item)
  return { kind: 'dictionary', entries }
}

/** `Array.isArray` does not tell readonly arrays apart. */
function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json)
}

function collectSources(value: Value): readonly string[] {
  if (value.kind === 'list') return value.items.flatMap(collectSources)
  if (value.kind === 'dictionary') return [...value.entries.values()].flatMap(collectSources)
  return value.sources
}
