/**
 * Gives values the shape that their schema describes. HCL has several spellings for one thing, and
 * only the schema can tell a block that may appear once from a list of blocks.
 *
 * @module
 */
import type { ConfigPath, JsonSchema, Report } from '@gatewright/kernel'
import { tryBoolean, tryInteger, tryNumber } from './evaluate/conversion.ts'
import { isReserved } from './names.ts'
import type { Origin } from './place.ts'

/** How a text value came into the configuration; `undefined` if it stands in the file. */
export type OriginOf = (path: ConfigPath, value: string) => Origin | undefined

/**
 * Shapes values for one report. What it cannot shape it leaves for validation to refuse, and what
 * it refuses itself it leaves out. Never changes a value.
 */
export class Normaliser {
  readonly #originOf: OriginOf
  readonly #report: Report

  constructor(originOf: OriginOf, report: Report) {
    this.#originOf = originOf
    this.#report = report
  }

  /** `null` is absence, and comes out as `undefined`. */
  shape(value: unknown, schema: JsonSchema, path: ConfigPath): unknown {
    if (value === null || value === undefined) return undefined
    if (isObjectSchema(schema)) return this.#object(value, schema, path)
    if (schema.type === 'array') return this.#array(value, schema, path)
    return typeof value === 'string' ? this.#text(value, schema, path) : value
  }

  #object(value: unknown, schema: JsonSchema, path: ConfigPath): unknown {
    const entries = mapItemsOf(schema)
    if (entries !== undefined) return this.#map(value, entries, path)
    const block = this.#single(value, path)
    return isRecord(block) ? this.#properties(block, schema, path) : block
  }

  /** A block that may appear once is written as a block, which the grammar makes a list. */
  #single(value: unknown, path: ConfigPath): unknown {
    if (!Array.isArray(value) || !value.every(isRecord)) return value
    if (value.length <= 1) return value.length === 1 ? value[0] : value
    const message = `block may appear once, found ${value.length}`
    this.#report({ path: [...path, 1], code: 'GW_CONFIG_BLOCK_REPEATED', message })
    return value[0]
  }

  #properties(value: object, schema: JsonSchema, path: ConfigPath): object {
    const { properties = {}, additionalProperties: rest } = schema
    const others = typeof rest === 'object' ? rest : undefined
    return this.#entries(Object.entries(value), path, (key) =>
      Object.hasOwn(properties, key) ? properties[key] : others,
    )
  }

  #entries(
    entries: readonly (readonly [string, unknown])[],
    path: ConfigPath,
    schemaOf: (key: string) => JsonSchema | undefined,
  ): object {
    const shaped: Record<string, unknown> = Object.create(null)
    for (const [key, value] of entries) {
      const schema = schemaOf(key)
      const result = schema === undefined ? value : this.shape(value, schema, [...path, key])
      if (result !== undefined && result !== null) shaped[key] = result
    }
    return shaped
  }

  #map(value: unknown, items: JsonSchema, path: ConfigPath): unknown {
    if (isObjectSchema(items)) return this.#blockMap(value, items, path)
    const entries = this.#mapEntries(value, path)
    if (entries === undefined) return value
    if (items.type === 'string') this.#checkNames(entries, path)
    return this.#entries(entries, path, () => items)
  }

  /** Blocks with labels are a record already. */
  #blockMap(value: unknown, items: JsonSchema, path: ConfigPath): unknown {
    if (isRecord(value)) return this.#entries(Object.entries(value), path, () => items)
    if (!Array.isArray(value) || !value.every(isRecord)) return value
    const message = `block needs a label: ${String(path.at(-1))} "name" { … }`
    this.#report({ path, code: 'GW_CONFIG_LABEL', message })
    return undefined
  }

  /** A block, an object, or a list of `{ name, value }`; in all of them a name stands once. */
  #mapEntries(value: unknown, path: ConfigPath): [string, unknown][] | undefined {
    if (Array.isArray(value) && value.length > 0 && value.every(isNamedValue)) {
      return value.map(({ name, value: item }) => [name, item])
    }
    const block = this.#single(value, path)
    return isRecord(block) ? Object.entries(block) : undefined
  }

  #checkNames(entries: readonly (readonly [string, unknown])[], path: ConfigPath): void {
    const seen = new Map<string, string>()
    for (const [name] of entries) {
      const at = [...path, name]
      const other = seen.get(name.toLowerCase())
      seen.set(name.toLowerCase(), name)
      if (isReserved(name)) {
        this.#report({ path: at, code: 'GW_CONFIG_NAME', message: `"${name}" is reserved` })
      }
      if (other === undefined) continue
      const message = `duplicate name; "${other}" is the same, as upper and lower case do not count`
      this.#report({ path: at, code: 'GW_CONFIG_DUPLICATE', message })
    }
  }

  /** One value is a list of one. */
  #array(value: unknown, schema: JsonSchema, path: ConfigPath): unknown {
    const items = schema.items ?? {}
    if (!Array.isArray(value)) {
      if (isRecord(value) && !isObjectSchema(items)) return value
      return [this.shape(value, items, [...path, 0])]
    }
    return value.map((item, index) => this.shape(item, items, [...path, index]) ?? item)
  }

  /** Text from outside of the file has no type of its own, so the schema gives it one. */
  #text(value: string, schema: JsonSchema, path: ConfigPath): unknown {
    const wanted = conversionFor(schema)
    const origin = wanted === undefined ? undefined : this.#originOf(path, value)
    if (wanted === undefined || origin === undefined || origin.missing || !origin.whole)
      return value
    const converted = wanted.convert(value)
    if (converted !== undefined) return converted
    const message = `expected ${wanted.noun}, found the value of ${origin.sources.join(' and ')}`
    this.#report({ path, code: 'GW_CONFIG_TYPE', message })
    return undefined
  }
}

interface Conversion {
  readonly noun: string
  readonly convert: (text: string) => unknown
}

const conversions: ReadonlyMap<unknown, Conversion> = new Map<unknown, Conversion>([
  ['integer', { noun: 'an integer', convert: tryInteger }],
  ['number', { noun: 'a number', convert: tryNumber }],
  ['boolean', { noun: '"true" or "false"', convert: tryBoolean }],
])

/** Text with a unit stays text; digits alone are a number of seconds or bytes. */
const quantity: Conversion = { noun: 'text', convert: (text) => tryInteger(text) ?? text }

function conversionFor(schema: JsonSchema): Conversion | undefined {
  if (schema.duration !== undefined || schema.bytes !== undefined) return quantity
  return conversions.get(schema.type)
}

function isObjectSchema(schema: JsonSchema): boolean {
  return schema.type === 'object' || schema.properties !== undefined
}

/** The schema of a map's values; `undefined` for an object with known keys. */
function mapItemsOf(schema: JsonSchema): JsonSchema | undefined {
  const { additionalProperties: items, properties = {} } = schema
  if (typeof items !== 'object' || Object.keys(properties).length > 0) return undefined
  return items
}

function isNamedValue(item: unknown): item is { name: string; value: unknown } {
  if (!isRecord(item) || Object.keys(item).length !== 2) return false
  return typeof item['name'] === 'string' && 'value' in item
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
