import type { Cursor } from './cursor.ts'

const heredocStart = /<<-?([\p{ID_Start}_][\p{ID_Continue}-]*)\r?\n/uy
const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }
const longOperators = ['==', '!=', '<=', '>=', '=>', '&&', '||', '::', '...']

/**
 * Moves over one token of an expression; a string, a heredoc and a group are one token. Takes and
 * returns the number of operators that the expression has so far.
 */
export function skipToken(cursor: Cursor, operators: number): number {
  if (skipOperand(cursor)) return operators
  // Another expression begins.
  if (cursor.take(',') || (!cursor.at('==') && !cursor.at('=>') && cursor.take('='))) return 0
  if (!longOperators.some((operator) => cursor.take(operator))) cursor.offset++
  cursor.limitChain(operators + 1)
  return operators + 1
}

function skipOperand(cursor: Cursor): boolean {
  if (cursor.at('"')) {
    skipQuoted(cursor)
    return true
  }
  if (cursor.at('<<') && skipHeredoc(cursor)) return true
  if (cursor.identifier() !== undefined || cursor.number() !== undefined) return true
  const closer = closers[cursor.text.charAt(cursor.offset)]
  if (closer === undefined) return false
  cursor.offset++
  skipGroup(cursor, closer)
  return true
}

/** Moves over a quoted string. True if it holds a template sequence. */
export function skipQuoted(cursor: Cursor): boolean {
  let template = false
  cursor.expect('"')
  while (!cursor.take('"')) {
    if (cursor.done || cursor.atNewline()) cursor.fail()
    if (cursor.take('\\')) {
      if (cursor.done || cursor.atNewline()) cursor.fail()
      cursor.offset++
    } else if (skipSequence(cursor)) template = true
  }
  return template
}

/** True at a closing bracket. */
export function isCloser(cursor: Cursor): boolean {
  return cursor.at('}') || cursor.at(']') || cursor.at(')')
}

/** Moves over the rest of a group whose opening character was taken, closing one included. */
function skipGroup(cursor: Cursor, closer: string): void {
  cursor.nested(() => {
    let operators = 0
    for (cursor.blank(true); !cursor.take(closer); cursor.blank(true)) {
      if (cursor.done || isCloser(cursor)) cursor.fail()
      operators = skipToken(cursor, operators)
    }
  })
}

/** Moves over a heredoc to the end of its closing marker. False if there is none here. */
function skipHeredoc(cursor: Cursor): boolean {
  heredocStart.lastIndex = cursor.offset
  const start = heredocStart.exec(cursor.text)
  const marker = start?.[1]
  if (start === null || marker === undefined) return false
  cursor.offset += start[0].length
  while (!atMarker(cursor, marker)) skipHeredocLine(cursor)
  return true
}

/** Only a whole line can be the marker, and only with a line break after it. */
function atMarker(cursor: Cursor, marker: string): boolean {
  const end = cursor.text.indexOf('\n', cursor.offset)
  if (end === -1) cursor.fail()
  if (cursor.text.slice(cursor.offset, end).trim() !== marker) return false
  cursor.offset = cursor.text[end - 1] === '\r' ? end - 1 : end
  return true
}

/** A line may go on below if a template sequence contains line breaks. */
function skipHeredocLine(cursor: Cursor): void {
  while (!cursor.take('\n')) {
    if (cursor.done) cursor.fail()
    skipSequence(cursor)
  }
}

/** Moves over a template sequence and returns true, or over an escape or a single character. */
function skipSequence(cursor: Cursor): boolean {
  if (cursor.take('$${') || cursor.take('%%{')) return false
  if (!cursor.take('${') && !cursor.take('%{')) {
    cursor.offset++
    return false
  }
  skipGroup(cursor, '}')
  return true
}
