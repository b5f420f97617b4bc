import type { Range } from '../source-text.ts'

/** One complaint of the grammar's parser, in its own words. */
export interface SyntaxFault {
  readonly range: Range
  readonly summary: string
  readonly detail: string
}

/** True if a quoted text does not end on its line, so that the next lines are taken for text. */
export function isUnclosedString(fault: SyntaxFault): boolean {
  return fault.summary === 'Invalid multi-line string'
}

/** True if a character has no meaning in HCL. */
export function isWrongCharacter(fault: SyntaxFault): boolean {
  return fault.summary === 'Invalid character'
}

/** A name for the file that does not occur in its text, to find positions in messages by. */
export function markerFor(text: string): string {
  let marker = '@file'
  while (text.includes(marker)) marker += '@'
  return marker
}

/**
 * Takes the parser's message apart: `parse config: [FILE:LINE,COL-[LINE,]COL: Summary; Detail. …]`.
 * Empty if the message has no positions.
 */
export function readFaults(message: string, marker: string, file: string): SyntaxFault[] {
  const heads = [
    ...message.matchAll(new RegExp(`${marker}:(\\d+),(\\d+)-(?:(\\d+),)?(\\d+): `, 'g')),
  ]
  return heads.map((head, index) => {
    const [all, line = '1', column = '1', endLine = line, endColumn = column] = head
    const next = heads[index + 1]?.index ?? message.length
    const text = message
      .slice(head.index + all.length, next)
      .trim()
      .replace(/\]$/, '')
    const [summary = '', ...detail] = text.split('; ')
    return {
      range: {
        start: { line: Number(line), column: Number(column) },
        end: { line: Number(endLine), column: Number(endColumn) },
      },
      summary,
      detail: withReferences(detail.join('; '), marker, file),
    }
  })
}

/** Some details name a second place: `FILE:1,6-13`. */
function withReferences(detail: string, marker: string, file: string): string {
  const places = new RegExp(`${marker}:(\\d+),(\\d+)-(?:\\d+,)?\\d+`, 'g')
  return detail.replace(places, (_match, line: string, column: string) => {
    return `${file}:${line}:${column}`
  })
}
