/**
 * A structural scanner for HCL: it finds where everything stands and leaves the question whether it
 * is right to the grammar's parser. On files that the parser accepts, both see the same structure.
 *
 * @module
 */
import { decodeQuoted } from '../string-literal.ts'
import { Cursor, ScanStop } from './cursor.ts'
import { scanLiteral } from './literal.ts'
import type { Attribute, Block, Label, Structure } from './structure.ts'
import { skipQuoted } from './tokens.ts'

/** Never throws: where the text cannot be followed, the structure says so and ends. */
export function scan(text: string): Structure {
  const cursor = new Cursor(text)
  const items: (Attribute | Block)[] = []
  const body = { items }
  try {
    scanItems(cursor, items)
    if (!cursor.done) cursor.fail()
    return { body, lossyNumbers: cursor.lossyNumbers }
  } catch (error) {
    if (!(error instanceof ScanStop)) throw error
    return { body, lossyNumbers: cursor.lossyNumbers, failure: error.failure }
  }
}

/** Fills `items`, so that what was found before a failure is not lost. */
function scanItems(cursor: Cursor, items: (Attribute | Block)[]): void {
  for (cursor.blank(true); !cursor.done && !cursor.at('}'); cursor.blank(true)) {
    items.push(scanItem(cursor))
    cursor.blank(false)
    if (!cursor.done && !cursor.atNewline() && !cursor.at('}')) cursor.fail()
  }
}

function scanItem(cursor: Cursor): Attribute | Block {
  const start = cursor.offset
  const name = cursor.identifier()
  if (name === undefined) cursor.fail()
  const nameSpan = { start, end: cursor.offset }
  cursor.blank(false)
  if (cursor.at('=') && !cursor.at('==')) {
    cursor.offset++
    cursor.blank(false)
    return { kind: 'attribute', name, nameSpan, value: scanLiteral(cursor, false) }
  }
  const labels = scanLabels(cursor)
  const items: (Attribute | Block)[] = []
  cursor.expect('{')
  cursor.nested(() => scanItems(cursor, items))
  cursor.expect('}')
  return {
    kind: 'block',
    type: name,
    typeSpan: nameSpan,
    labels,
    body: { items },
    header: { start, end: labels.at(-1)?.span.end ?? nameSpan.end },
    span: { start, end: cursor.offset },
  }
}

function scanLabels(cursor: Cursor): Label[] {
  const labels: Label[] = []
  for (;;) {
    cursor.blank(false)
    const start = cursor.offset
    const bare = cursor.identifier()
    if (bare !== undefined) labels.push({ text: bare, span: { start, end: cursor.offset } })
    else if (!cursor.at('"')) return labels
    else {
      if (skipQuoted(cursor)) cursor.fail()
      const source = cursor.text.slice(start + 1, cursor.offset - 1)
      labels.push({ text: decodeQuoted(source), span: { start, end: cursor.offset } })
    }
  }
}
