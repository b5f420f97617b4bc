import { errors } from '@gatewright/kernel'
import { Byte, Class, isUnit } from '../syntax/tables.ts'

const { cr, lf, colon, space } = Byte
const { token, value: valueByte } = Class

/** Result of the writers if the buffer is too small; nothing before the position was changed. */
export const noRoom = -1

/**
 * Writes a field line from strings (latin1).
 *
 * Throws GW_INVALID_HEADER for what would not be read back as this one field: whatever the strings
 * come from, no byte of theirs ends a line (RFC 9110 section 5.5).
 *
 * @returns The position behind it, or `noRoom`.
 */
export function writeField(out: Buffer, position: number, name: string, value: string): number {
  const end = position + name.length + value.length + 4
  if (end > out.length) return noRoom
  if (name === '' || !writeUnits(out, position, name, token)) {
    throw errors.GW_INVALID_HEADER({ name, problem: 'name' })
  }
  const colonAt = position + name.length
  out[colonAt] = colon
  out[colonAt + 1] = space
  if (!writeUnits(out, colonAt + 2, value, valueByte)) {
    throw errors.GW_INVALID_HEADER({ name, problem: 'value' })
  }
  out[end - 2] = cr
  out[end - 1] = lf
  return end
}

/**
 * Writes a string of bytes of one class, for which there is room.
 *
 * @returns False if it has any other.
 */
export function writeUnits(out: Buffer, position: number, text: string, mask: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (!isUnit(unit, mask)) return false
    out[position + i] = unit
  }
  return true
}
