import { Fault, incomplete } from '../faults.ts'
import { at, Byte, Class, is } from '../syntax/tables.ts'

const { cr, dot, lf, zero } = Byte
const { digit } = Class

const prefix = Buffer.from('HTTP/')

/**
 * Parses the eight bytes of a version, such as `HTTP/1.1` (RFC 9112 section 2.3).
 *
 * @returns 10 or 11, or `incomplete`, or a fault.
 */
export function parseVersion(buf: Buffer, start: number, end: number): number {
  const available = end - start
  for (let i = 0; i < prefix.length; i++) {
    if (i === available) return incomplete
    if (at(buf, start + i) !== prefix[i]) return Fault.badVersion
  }
  if (available > 5 && !is(buf, start + 5, digit)) return Fault.badVersion
  if (available > 6 && at(buf, start + 6) !== dot) return Fault.badVersion
  if (available < 8) return incomplete
  if (!is(buf, start + 7, digit)) return Fault.badVersion
  const version = (at(buf, start + 5) - zero) * 10 + at(buf, start + 7) - zero
  return version === 10 || version === 11 ? version : Fault.unsupportedVersion
}

/**
 * Expects CR LF at `pos`, where a loop over the valid bytes of a line has stopped.
 *
 * @param otherwise The fault if neither CR nor LF is there.
 * @returns Where the next line begins, or `incomplete`, or a fault.
 */
export function parseLineEnd(buf: Buffer, pos: number, end: number, otherwise: number): number {
  if (pos >= end) return incomplete
  const first = at(buf, pos)
  if (first === lf) return Fault.bareLf
  if (first !== cr) return otherwise
  if (pos + 1 === end) return incomplete
  return at(buf, pos + 1) === lf ? pos + 2 : Fault.bareCr
}
