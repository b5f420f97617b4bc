import type { Cursor } from './cursor.ts'
import { isCloser, skipToken } from './tokens.ts'

/**
 * Moves over an expression and returns the end of its last token. It ends at a comma, a closing
 * bracket, or a line break if line breaks mean something here.
 */
export function skipExpression(cursor: Cursor, newlines: boolean): number {
  let end = cursor.offset
  let operators = 0
  for (;;) {
    cursor.blank(newlines)
    if (atValueEnd(cursor)) return end
    operators = skipToken(cursor, operators)
    end = cursor.offset
  }
}

/** Moves over the key of an object literal, to the `=` or `:` behind it. Returns the key's end. */
export function skipKey(cursor: Cursor): number {
  let end = cursor.offset
  let conditionals = 0
  let operators = 0
  for (;;) {
    cursor.blank(false)
    if (atValueEnd(cursor)) cursor.fail()
    if (cursor.at('=') && !cursor.at('==') && !cursor.at('=>')) return end
    if (cursor.at(':') && !cursor.at('::') && conditionals-- === 0) return end
    if (cursor.at('?')) conditionals++
    operators = skipToken(cursor, operators)
    end = cursor.offset
  }
}

/** True where a value cannot go on. */
export function atValueEnd(cursor: Cursor): boolean {
  return cursor.done || cursor.atNewline() || cursor.at(',') || isCloser(cursor)
}
