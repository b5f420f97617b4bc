import { ByteSet, escapedClasses } from './byte-set.ts'
import type { Cursor } from './cursor.ts'

/**
 * Reads a class such as `[a-z_]`, whose opening bracket at `start` has been taken.
 * Throws PatternError.
 */
export function parseClass(cursor: Cursor, start: number, foldsCase: boolean): ByteSet {
  const negated = cursor.skip('^')
  const set = new ByteSet()
  // A bracket that stands first is one of the members.
  if (cursor.skip(']')) addRange(cursor, set, ']')
  while (!cursor.skip(']')) {
    if (cursor.done) throw cursor.refuse('class without its end', start)
    addMember(cursor, set)
  }
  // Folded first: `(?i)[^a]` takes neither case.
  const members = foldsCase ? set.withBothCases() : set
  return negated ? members.inverse() : members
}

function addMember(cursor: Cursor, set: ByteSet): void {
  const start = cursor.offset
  if (cursor.sees('[:')) throw cursor.refuse('named classes are not supported', start)
  if (!cursor.skip('\\')) return addRange(cursor, set, cursor.character())
  const letter = cursor.peek()
  const named = escapedClasses.get(letter)
  if (named === undefined) return addRange(cursor, set, cursor.escaped(start))
  cursor.skip(letter)
  set.addAll(named)
}

/** Adds a character, or a range if a hyphen follows that is not the last member. */
function addRange(cursor: Cursor, set: ByteSet, character: string): void {
  const start = cursor.offset
  const first = asciiCode(cursor, character)
  if (!cursor.sees('-') || cursor.sees('-]')) {
    set.addRange(first, first)
    return
  }
  cursor.skip('-')
  if (cursor.done) throw cursor.refuse('class without its end', start)
  const last = asciiCode(cursor, cursor.skip('\\') ? cursor.escaped(start) : cursor.character())
  if (last < first) throw cursor.refuse('a range whose end is below its start', start)
  set.addRange(first, last)
}

/** Texts are matched byte by byte, so a class cannot hold what takes more than one. */
function asciiCode(cursor: Cursor, character: string): number {
  const code = character.codePointAt(0) ?? 0
  if (code > 0x7f) throw cursor.refuse(`a class can hold ASCII only, found "${character}"`)
  return code
}
