/**
 * Options that are understood, and will not be for ever.
 *
 * @module
 */
import type { ConfigPath } from './config.ts'
import { isRecord } from './merged-config.ts'
import type { Deprecation, JsonSchema } from './schema.ts'
import type { ConfigWarning } from './stand-ins.ts'

/** A warning for every option that was written and is deprecated; defaults do not count. */
export function* deprecatedIn(
  schema: JsonSchema,
  written: unknown,
  path: ConfigPath,
): Iterable<ConfigWarning> {
  const { properties = {}, items, additionalProperties } = schema
  if (Array.isArray(written)) {
    if (items === undefined) return
    for (const [index, item] of written.entries()) {
      yield* deprecatedIn(items, item, [...path, index])
    }
    return
  }
  if (!isRecord(written)) return
  for (const [key, value] of Object.entries(written)) {
    const inner = Object.hasOwn(properties, key) ? properties[key] : additionalProperties
    if (typeof inner !== 'object') continue
    const where = [...path, key]
    const deprecation = inner['x-gatewright-deprecated']
    // The type of schemas has nothing else there.
    if (deprecation !== undefined) yield warningOf(key, where, deprecation as Deprecation)
    yield* deprecatedIn(inner, value, where)
  }
}

function warningOf(
  key: string,
  path: ConfigPath,
  { since, removeIn, replacedBy, message }: Deprecation,
): ConfigWarning {
  const began = since === undefined ? '' : ` since ${since}`
  const ends = removeIn === undefined ? '' : `, and gone in ${removeIn}`
  const instead = replacedBy === undefined ? '' : `; use "${replacedBy}"`
  const why = message === undefined ? '' : `: ${message}`
  const text = `"${key}" is deprecated${began}${ends}${instead}${why}`
  return { path, code: 'GW_CONFIG_DEPRECATED', message: text }
}
