/**
 * Brings schemas of values with a unit into the form that the validator knows.
 *
 * @module
 */
import type { JsonSchema } from './schema.ts'
import { tryBytes, tryDuration } from './units.ts'

/** A bound of a value with a unit, as the validator gets it. */
export interface Bound {
  readonly keyword: string
  /** In milliseconds or bytes. */
  readonly limit: number
  /** As its author wrote it. */
  readonly words: string
}

/** What stands at `duration` or `bytes` once bounds are part of it. */
export interface UnitRule {
  readonly allowZero?: boolean
  readonly bounds?: readonly Bound[]
}

const keywords = ['minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum']
const units = {
  duration: { parse: tryDuration, noun: 'ms' },
  bytes: { parse: tryBytes, noun: 'bytes' },
}

/**
 * The same schema, with `minimum` and its like of durations and sizes inside their keyword: the
 * validator would compare what is written instead of what it means. Their `type` says nothing.
 */
export function withUnitBounds(schema: JsonSchema): JsonSchema {
  const { duration, properties, items, additionalProperties } = schema
  if (duration !== undefined) return bounded(schema, 'duration')
  if (schema.bytes !== undefined) return bounded(schema, 'bytes')
  return {
    ...schema,
    ...(properties !== undefined && { properties: mapped(properties) }),
    ...(items !== undefined && { items: withUnitBounds(items) }),
    ...(typeof additionalProperties === 'object' && {
      additionalProperties: withUnitBounds(additionalProperties),
    }),
  }
}

/** Why an amount is out of bounds; `undefined` if it is not. */
export function outOfBounds(rule: unknown, amount: number): string | undefined {
  // What `withUnitBounds` wrote.
  const { bounds = [] } = rule as UnitRule
  const broken = bounds.find(({ keyword, limit }) => !holds(keyword, amount, limit))
  return broken === undefined ? undefined : `${comparisons[broken.keyword]} ${broken.words}`
}

const comparisons: Readonly<Record<string, string>> = {
  minimum: 'expected at least',
  exclusiveMinimum: 'expected more than',
  maximum: 'expected at most',
  exclusiveMaximum: 'expected less than',
}

function holds(keyword: string, amount: number, limit: number): boolean {
  if (keyword === 'minimum') return amount >= limit
  if (keyword === 'exclusiveMinimum') return amount > limit
  return keyword === 'maximum' ? amount <= limit : amount < limit
}

function mapped(properties: Readonly<Record<string, JsonSchema>>): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, inner]) => [key, withUnitBounds(inner)]),
  )
}

function bounded(schema: JsonSchema, unit: 'duration' | 'bytes'): JsonSchema {
  const rest: Record<string, unknown> = { ...schema }
  const bounds = keywords.flatMap((keyword) => boundOf(keyword, schema[keyword], unit))
  for (const key of ['type', ...keywords]) delete rest[key]
  const rule = schema[unit]
  if (bounds.length === 0) return rest
  return { ...rest, [unit]: { ...(typeof rule === 'object' && rule), bounds } }
}

/** Throws for what is no amount. */
function boundOf(keyword: string, given: unknown, unit: 'duration' | 'bytes'): Bound[] {
  if (given === undefined) return []
  const { parse, noun } = units[unit]
  // A number is what `create` gets: milliseconds or bytes.
  if (typeof given === 'number') return [{ keyword, limit: given, words: `${given} ${noun}` }]
  const limit = typeof given === 'string' ? parse(given) : undefined
  if (limit === undefined) throw new Error(`"${keyword}" is no ${unit === 'bytes' ? 'size' : unit}`)
  return [{ keyword, limit, words: JSON.stringify(given) }]
}
