import { decodeQuoted } from '../string-literal.ts'
import type { Cursor } from './cursor.ts'
import { atValueEnd, skipExpression, skipKey } from './expression.ts'
import type { Literal, ObjectEntry } from './structure.ts'

/** Scans a value. `newlines` is true where line breaks mean nothing, as inside of a list. */
export function scanLiteral(cursor: Cursor, newlines: boolean): Literal {
  const start = cursor.offset
  const collection = scanCollection(cursor)
  if (collection !== undefined) {
    cursor.blank(newlines)
    const complete = atValueEnd(cursor)
    cursor.offset = collection.span.end
    if (complete) return collection
  }
  // `[1, 2][0]` begins like a list but is not one.
  const end = skipExpression(cursor, newlines)
  if (end === start) cursor.fail()
  cursor.offset = end
  return { kind: 'expression', span: { start, end } }
}

function scanCollection(cursor: Cursor): Literal | undefined {
  if (isFor(cursor)) return undefined
  const start = cursor.offset
  if (cursor.take('[')) {
    const items = cursor.nested(() => scanItems(cursor))
    return { kind: 'list', span: { start, end: cursor.offset }, items }
  }
  if (!cursor.take('{')) return undefined
  const entries = cursor.nested(() => scanEntries(cursor))
  return { kind: 'object', span: { start, end: cursor.offset }, entries }
}

/** `[for x in y : x]` is an expression, and so is everything else that begins with `[for`. */
function isFor(cursor: Cursor): boolean {
  const start = cursor.offset
  if (!cursor.take('[') && !cursor.take('{')) return false
  cursor.blank(true)
  const found = cursor.identifier() === 'for'
  cursor.offset = start
  return found
}

function scanItems(cursor: Cursor): Literal[] {
  const items: Literal[] = []
  for (cursor.blank(true); !cursor.take(']'); cursor.blank(true)) {
    items.push(scanLiteral(cursor, true))
    cursor.blank(true)
    if (!cursor.take(',') && !cursor.at(']')) cursor.fail()
  }
  return items
}

function scanEntries(cursor: Cursor): ObjectEntry[] {
  const entries: ObjectEntry[] = []
  for (cursor.blank(true); !cursor.take('}'); cursor.blank(true)) {
    entries.push(scanEntry(cursor))
    cursor.blank(false)
    if (!cursor.take(',') && !cursor.atNewline() && !cursor.at('}')) cursor.fail()
  }
  return entries
}

function scanEntry(cursor: Cursor): ObjectEntry {
  const start = cursor.offset
  const end = skipKey(cursor)
  cursor.offset++
  cursor.blank(false)
  const key = constantKey(cursor.text.slice(start, end))
  return { key, keySpan: { start, end }, value: scanLiteral(cursor, false) }
}

/** What the source of a key stands for, if it need not be evaluated. */
export function constantKey(source: string): string | undefined {
  if (/^[\p{ID_Start}_][\p{ID_Continue}-]*$/u.test(source)) return source
  if (/^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(source)) return String(Number(source))
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(source)?.[1]
  return quoted === undefined || /[$%]\{/.test(quoted) ? undefined : decodeQuoted(quoted)
}
