import { Fault, incomplete } from '../faults.ts'
import { kindOf } from '../syntax/kinds.ts'
import { at, Byte, Class, is } from '../syntax/tables.ts'
import type { FieldSection } from './field-section.ts'
import { parseLineEnd } from './lines.ts'
import { skip, skipValue } from './scan.ts'

const { colon, cr, lf } = Byte
const { blank, token } = Class

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
    const next = parseFieldLine(buf, start, pos, end, section)
    if (next <= 0) {
      section.parsed = pos - start
      return next
    }
    if (section.count > maxLines) return Fault.tooManyFields
    pos = next
  }
  section.parsed = pos - start
  return parseLineEnd(buf, pos, end, Fault.bareCr)
}

function parseFieldLine(
  buf: Buffer,
  start: number,
  lineStart: number,
  end: number,
  section: FieldSection,
): number {
  const nameEnd = skip(buf, lineStart, end, token)
  if (nameEnd === end) return incomplete
  if (at(buf, nameEnd) !== colon || nameEnd === lineStart) {
    return nameFault(buf, lineStart, nameEnd)
  }
  const valueStart = skip(buf, nameEnd + 1, end, blank)
  const bytesEnd = skipValue(buf, valueStart, end)
  const next = parseLineEnd(buf, bytesEnd, end, Fault.badFieldValue)
  if (next <= 0) return next
  let valueEnd = bytesEnd
  while (valueEnd > valueStart && is(buf, valueEnd - 1, blank)) valueEnd--
  section.addLine(
    kindOf(buf, lineStart, nameEnd),
    lineStart - start,
    nameEnd - start,
    valueStart - start,
    valueEnd - start,
    next - start,
  )
  return next
}

function nameFault(buf: Buffer, lineStart: number, nameEnd: number): number {
  if (nameEnd === lineStart && is(buf, nameEnd, blank)) return Fault.foldedLine
  if (at(buf, nameEnd) === lf && nameEnd === lineStart) return Fault.bareLf
  return at(buf, nameEnd) === cr || at(buf, nameEnd) === lf
    ? Fault.missingColon
    : Fault.badFieldName
}
