import { Fault, incomplete } from '../faults.ts'
import { at, Byte, Class, is } from '../syntax/tables.ts'
import type { Head } from './head.ts'
import { parseLineEnd, parseVersion } from './lines.ts'
import { skipValue } from './scan.ts'

const { space, zero } = Byte
const { digit, value } = Class

/**
 * Parses `version SP status [ SP reason ] CR LF` (RFC 9112 section 4). The second space may be
 * missing, since many servers leave it out with the reason and nobody reads that in two ways.
 *
 * @returns Where the first field line begins, or `incomplete`, or a fault.
 */
export function parseStatusLine(buf: Buffer, start: number, end: number, head: Head): number {
  const version = parseVersion(buf, start, end)
  if (version <= 0) return version
  const status = parseStatus(buf, start + 8, end)
  if (status <= 0) return status
  let pos = start + 12
  if (pos < end && at(buf, pos) === space) pos++
  else if (pos < end && is(buf, pos, value)) return Fault.badStatus
  const reasonEnd = skipValue(buf, pos, end)
  const next = parseLineEnd(buf, reasonEnd, end, Fault.badReason)
  if (next <= 0) return next
  head.minor = version - 10
  head.status = status
  head.reasonStart = pos - start
  head.reasonEnd = reasonEnd - start
  return next
}

/** Parses a space and three digits. */
function parseStatus(buf: Buffer, start: number, end: number): number {
  if (start === end) return incomplete
  if (at(buf, start) !== space) return Fault.badVersion
  let status = 0
  for (let pos = start + 1; pos <= start + 3; pos++) {
    if (pos === end) return incomplete
    if (!is(buf, pos, digit)) return Fault.badStatus
    status = status * 10 + at(buf, pos) - zero
  }
  return status >= 100 && status <= 599 ? status : Fault.badStatus
}
