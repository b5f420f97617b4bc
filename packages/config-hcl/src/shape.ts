/**
 * Puts structure and values together: the configuration, and the place of each of its parts.
 *
 * @module
 */
import type { Dictionary, Value } from './evaluate/value.ts'
import { sectionName } from './names.ts'
import type { Origin, Place } from './place.ts'
import type { Attribute, Block, Body, Literal } from './scan/structure.ts'
import type { Span } from './source-text.ts'

/** The value of each attribute. One that is not here had a problem and is left out. */
export type AttributeValues = ReadonlyMap<Attribute, Value>

/** The place of the whole file; its data is the configuration. */
export function shapeFile(body: Body, values: AttributeValues, span: Span): Place {
  return shapeBody(body, values, { key: { start: 0, end: 0 }, value: span }, true)
}

interface Spans {
  readonly key: Span
  readonly value: Span
}

/** At the top level, singular and plural spellings of a section are one. */
function shapeBody(body: Body, values: AttributeValues, spans: Spans, top: boolean): Place {
  const entries = new Map<string, Place>()
  const groups = Map.groupBy(body.items, (item) => {
    const name = item.kind === 'block' ? item.type : item.name
    return top ? sectionName(name) : name
  })
  for (const [name, items] of groups) {
    const [first] = items
    if (first?.kind === 'attribute') {
      const value = values.get(first)
      const own = { key: first.nameSpan, value: first.value.span }
      if (value !== undefined) entries.set(name, shapeValue(value, own, first.value))
    } else {
      const blocks = items.filter((item) => item.kind === 'block')
      entries.set(name, shapeBlocks(blocks, values))
    }
  }
  return dictionaryPlace(entries, spans)
}

/** Labelled blocks become a record by label, others a list. */
function shapeBlocks(blocks: readonly Block[], values: AttributeValues): Place {
  const [first] = blocks
  // A group is never empty.
  const spans = {
    key: first?.header ?? { start: 0, end: 0 },
    value: first?.span ?? { start: 0, end: 0 },
  }
  const places = blocks.map((block) => {
    return shapeBody(block.body, values, { key: block.header, value: block.span }, false)
  })
  if (first === undefined || first.labels.length === 0) return listPlace(places, spans)
  const entries = new Map<string, Place>()
  for (const [index, { labels }] of blocks.entries()) {
    const place = places[index]
    const label = labels[0]?.text
    if (place !== undefined && label !== undefined) entries.set(label, place)
  }
  return dictionaryPlace(entries, spans)
}

function shapeValue(value: Value, spans: Spans, literal: Literal | undefined): Place {
  if (value.kind === 'list') {
    const items = value.items.map((item, index) => {
      const own = literal?.kind === 'list' ? literal.items[index] : undefined
      return shapeValue(item, own === undefined ? spans : { key: own.span, value: own.span }, own)
    })
    return listPlace(items, spans)
  }
  if (value.kind === 'dictionary') return shapeDictionary(value, spans, literal)
  const missing = value.kind === 'unknown'
  const data = missing ? '' : value.data
  if (value.sources.length === 0) return { ...spans, data }
  const whole = value.kind === 'scalar' && typeof data === 'string' && !value.template
  const origin: Origin = { sources: value.sources, whole, missing }
  return { ...spans, data, origin }
}

function shapeDictionary(value: Dictionary, spans: Spans, literal: Literal | undefined): Place {
  const written = literal?.kind === 'object' ? literal.entries : []
  const entries = new Map<string, Place>()
  for (const [index, [key, item]] of [...value.entries].entries()) {
    // In the same order; computed keys can only be told by their position.
    const own = written[index]
    const ownSpans = own === undefined ? spans : { key: own.keySpan, value: own.value.span }
    entries.set(key, shapeValue(item, ownSpans, own?.value))
  }
  return dictionaryPlace(entries, spans)
}

function listPlace(items: readonly Place[], spans: Spans): Place {
  return { ...spans, items, data: Object.freeze(items.map(({ data }) => data)) }
}

function dictionaryPlace(entries: ReadonlyMap<string, Place>, spans: Spans): Place {
  // Without a prototype no name has a meaning of its own.
  const data: Record<string, unknown> = Object.create(null)
  for (const [key, place] of entries) data[key] = place.data
  return { ...spans, entries, data: Object.freeze(data) }
}
