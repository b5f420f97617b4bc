/**
 * Where every value of a configuration stands in its source, as a tree of the same shape.
 *
 * @module
 */
import type { ConfigPath } from '@gatewright/kernel'
import type { Span } from './source-text.ts'

/** One value of a configuration. */
export interface Place {
  /** The name of an attribute or object key, the header of a block, or the item of a list. */
  readonly key: Span
  readonly value: Span
  /** The value itself, frozen. */
  readonly data: unknown
  /** For values that did not come from this file alone. */
  readonly origin?: Origin
  readonly entries?: ReadonlyMap<string, Place>
  readonly items?: readonly Place[]
}

/** How a value came from outside of the file. */
export interface Origin {
  /** `environment variable "RATE"`, for messages; never the value. */
  readonly sources: readonly string[]
  /** True if the value is text of the source alone, so that a schema may give it another type. */
  readonly whole: boolean
  /** True if a variable was allowed to be missing, so that the value means nothing. */
  readonly missing: boolean
}

/**
 * The place of a path. The path may be that of the configuration as it was written or as schemas
 * shape it: a block that stands alone, or a single value that became a list, is found either way.
 */
export function findPlace(root: Place, path: ConfigPath): Place | undefined {
  let place: Place | undefined = root
  for (const segment of path) {
    if (place === undefined) return undefined
    place = step(place, segment)
  }
  return place
}

function step(place: Place, segment: string | number): Place | undefined {
  if (place.items === undefined)
    return place.entries?.get(String(segment)) ?? single(place, segment)
  if (typeof segment === 'number') return place.items[segment]
  const [first] = place.items
  return first?.entries?.get(segment) ?? namedItem(place.items, segment)
}

/** One value where a list is wanted is its first item. */
function single(place: Place, segment: string | number): Place | undefined {
  return segment === 0 ? place : undefined
}

/** `[{ name = "x-a", value = "1" }]` is one way to write `{ "x-a" = "1" }`. */
function namedItem(items: readonly Place[], name: string): Place | undefined {
  return items.find(({ entries }) => entries?.get('name')?.data === name)?.entries?.get('value')
}
