import { Fault, incomplete } from '../faults.ts'
import { kindOf } from '../syntax/kinds.ts'
import { at, Byte, Class, is } from '../syntax/tables.ts'
import type { FieldSection } from './field-section.ts'
import { parseLineEnd } from './lines.ts'
import { skip, skipValue, trimEnd } from './scan.ts'

// Local constants: reading them from imported objects on each use is measurably slower.
const { colon, cr, lf } = Byte
const { blank, token } = Class
const { badFieldName, badFieldValue, bareCr, bareLf, foldedLine, missingColon, tooManyFields } =
  Fault

/**
 * Parses field lines up to and with the empty line (RFC 9112 section 5).
 *
 * @param start First byte of the message; offsets count from here.
 * @param from First byte of the first line that is not parsed yet.
 * @returns The first byte after the empty line, or `incomplete` with `section.parsed` at the line to
 * go on with, or a fault.
 */
export function parseFieldLines(
  buf: Buffer,
  start: number,
  from: number,
  end: number,
  section: FieldSection,
  maxLines: number,
): number {
  let pos = from
  while (pos < end && at(buf, pos) !== cr) {
    const lineStart = pos
    section.parsed = lineStart - start
    while (pos < end && is(buf, pos, token)) pos++
    const nameEnd = pos
    if (nameEnd === end) return incomplete
    if (at(buf, nameEnd) !== colon || nameEnd === lineStart) return nameFault(buf, lineStart, pos)
    const valueStart = skip(buf, nameEnd + 1, end, blank)
    const bytesEnd = skipValue(buf, valueStart, end)
    pos = parseLineEnd(buf, bytesEnd, end, badFieldValue)
    if (pos <= 0) return pos
    section.addLine(
      kindOf(buf, lineStart, nameEnd),
      lineStart - start,
      nameEnd - start,
      valueStart - start,
      trimEnd(buf, valueStart, bytesEnd) - start,
      pos - start,
    )
    if (section.count > maxLines) return tooManyFields
  }
  section.parsed = pos - start
  return parseLineEnd(buf, pos, end, bareCr)
}

function nameFault(buf: Buffer, lineStart: number, nameEnd: number): number {
  const byte = at(buf, nameEnd)
  if (nameEnd === lineStart && is(buf, nameEnd, blank)) return foldedLine
  if (nameEnd === lineStart && byte === lf) return bareLf
  return byte === cr || byte === lf ? missingColon : badFieldName
}
