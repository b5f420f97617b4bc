/**
 * What is wrong with the schema of a plugin's options, in words that name the option.
 *
 * @module
 */

import { problemOf } from './gateway-error.ts'
import { nearest } from './nearest.ts'
import type { JsonSchema } from './schema.ts'
import { withUnitBounds } from './unit-schema.ts'
import { ajv, isKeyword, knownKeywords } from './validator.ts'

/** Whether a schema describes a block, or may describe a single value as well. */
export type SchemaKind = 'block' | 'value'

const types = ['string', 'integer', 'number', 'boolean', 'array', 'object', 'null']
const remedy =
  'without options, write { type: "object", additionalProperties: false, properties: {} }'

/** For the end of a sentence that begins with whose schema it is; `undefined` if nothing is wrong. */
export function schemaFlaw(schema: unknown, kind: SchemaKind): string | undefined {
  if (!isRecord(schema)) {
    return schema === undefined
      ? `has no "schema"; ${remedy}`
      : `has the "schema" ${foundIn(schema)}; expected an object`
  }
  const describesBlock = kind === 'block' || schema['type'] === 'object'
  if (describesBlock && !isRecord(schema['properties'])) {
    const found = schema['properties'] === undefined ? 'no' : 'wrong'
    return `has a "schema" with ${found} "properties"; ${remedy}`
  }
  const problem = flawAt(schema, '')
  return problem === undefined ? undefined : `has a wrong "schema": ${problem}`
}

/** A value in few words. */
export function foundIn(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

function flawAt(schema: Readonly<Record<string, unknown>>, path: string): string | undefined {
  const where = path === '' ? '' : `option "${path}" has `
  const type = wrongType(schema['type'])
  if (type !== undefined) return where + type
  for (const key of Object.keys(schema)) {
    if (isKeyword(key)) continue
    const meant = nearest(key, knownKeywords)
    return `${where}the unknown keyword "${key}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`
  }
  for (const [name, inner] of innerOf(schema)) {
    const at = path === '' ? name : `${path}.${name}`
    if (!isRecord(inner)) return `option "${at}" is ${foundIn(inner)}; expected a schema`
    const problem = flawAt(inner, at)
    if (problem !== undefined) return problem
  }
  return undefined
}

function wrongType(given: unknown): string | undefined {
  const wrong = [given].flat().find((type) => type !== undefined && !isType(type))
  if (wrong === undefined) return undefined
  const meant = typeof wrong === 'string' ? nearest(wrong, types) : undefined
  const rest = meant === undefined ? `; known: ${types.join(', ')}` : `; did you mean "${meant}"?`
  return `the unknown type ${foundIn(wrong)}${rest}`
}

function isType(type: unknown): boolean {
  return typeof type === 'string' && types.includes(type)
}

function innerOf(schema: Readonly<Record<string, unknown>>): [string, unknown][] {
  const { properties, items, additionalProperties } = schema
  return [
    ...(isRecord(properties) ? Object.entries(properties) : []),
    ...(items === undefined ? [] : [['*', items] as [string, unknown]]),
    ...(isRecord(additionalProperties) ? [['*', additionalProperties] as [string, unknown]] : []),
  ]
}

function isRecord(given: unknown): given is Readonly<Record<string, unknown>> {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
}

/** Which option keeps a schema from being compiled, and why; `error` if it is none alone. */
export function whyNotCompiled(schema: JsonSchema, error: unknown): SchemaFault {
  for (const [option, inner] of Object.entries(schema.properties ?? {})) {
    try {
      ajv.compile(withUnitBounds({ type: 'object', properties: { [option]: inner } }))
    } catch (reason) {
      return { option, schema: inner, problem: inWords(reason, option) }
    }
  }
  return { option: undefined, schema: undefined, problem: problemOf(error) }
}

/** Why a schema is none. */
interface SchemaFault {
  readonly option: string | undefined
  readonly schema: object | undefined
  readonly problem: string
}

/** Without what is the validator's own. */
function inWords(error: unknown, option: string): string {
  const pointer = `data/properties/${option}`
  return problemOf(error)
    .replace('schema is invalid: ', '')
    .replace(/^strict mode: /, '')
    .replaceAll(`${pointer}/`, '')
    .replaceAll(pointer, 'it')
    .replace(/ at "#.*$/, '')
}
