/**
 * Finds a label where none may stand.
 *
 * @module
 */

import { unwrapped } from './block-reader.ts'
import { nearest } from './nearest.ts'
import type { JsonSchema } from './schema.ts'

/**
 * What stands in the place of a label: a block of which nobody knows, with nothing beside it but
 * others like it.
 * @param properties What the block may have.
 */
export function labelOf(
  block: unknown,
  properties: Readonly<Record<string, JsonSchema>>,
): string | undefined {
  const inner = Object.entries(unwrapped(block) ?? {})
  const areLabels = inner.every(
    ([key, value]) => unwrapped(value) !== undefined && !Object.hasOwn(properties, key),
  )
  const [[first] = []] = inner
  if (first === undefined || !areLabels) return undefined
  const blocks = Object.entries(properties).filter(([, { type }]) => !isPlain(type))
  // More likely a misspelt block.
  return nearest(
    first,
    blocks.map(([key]) => key),
  ) === undefined
    ? first
    : undefined
}

function isPlain(type: JsonSchema['type']): boolean {
  return type !== 'object' && type !== 'array'
}
