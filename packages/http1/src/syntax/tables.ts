/**
 * Which bytes may stand where in a head (RFC 9110 section 5.6, RFC 9112 sections 2 to 5).
 *
 * @module
 */

/** Bytes that the grammar names. */
export const Byte = {
  tab: 0x09,
  lf: 0x0a,
  cr: 0x0d,
  space: 0x20,
  asterisk: 0x2a,
  comma: 0x2c,
  dot: 0x2e,
  slash: 0x2f,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  semicolon: 0x3b,
  question: 0x3f,
  leftBracket: 0x5b,
  rightBracket: 0x5d,
} as const

/** Classes of bytes, one bit each. */
export const Class = {
  /** `tchar` of methods and field names. */
  token: 1,
  /** Inside a field value or reason phrase: HTAB, SP, VCHAR, obs-text. */
  value: 2,
  /** Inside a request target: VCHAR without `#`, since fragments are never sent. */
  target: 4,
  /** Optional white space: SP, HTAB. */
  blank: 8,
  /** Inside a registered name: the unreserved characters of RFC 3986. */
  host: 16,
  digit: 32,
} as const

const membersOf: readonly (readonly [bit: number, members: RegExp])[] = [
  [Class.token, /[\w!#$%&'*+.^`|~-]/],
  [Class.value, /[\t\x20-\x7e\x80-\xff]/],
  [Class.target, /[\x21\x22\x24-\x7e]/],
  [Class.blank, /[\t ]/],
  [Class.host, /[\w.~-]/],
  [Class.digit, /[0-9]/],
]
const classes = new Uint8Array(256)
const hexValues = new Uint8Array(256).fill(0xff)

for (let byte = 0; byte < 256; byte++) classes[byte] = classify(byte)
for (let digit = 0; digit < 16; digit++) {
  const character = digit.toString(16)
  hexValues[character.charCodeAt(0)] = digit
  hexValues[character.toUpperCase().charCodeAt(0)] = digit
}

/**
 * The byte at `index`, which the caller has kept inside the buffer.
 *
 * Here and elsewhere only for a `Buffer`: with two classes of arrays, each read would have to find
 * out which one it has.
 */
export function at(buf: Buffer, index: number): number {
  // Never undefined: see above. A checked read would cost more than the rest of the inner loops.
  return buf[index] as number
}

/** Whether the byte at `index` belongs to one of the classes. */
export function is(buf: Buffer, index: number, mask: number): boolean {
  // Never undefined: `index` is inside the buffer as for `at`, and the table has all 256 bytes.
  return ((classes[buf[index] as number] as number) & mask) !== 0
}

/** Whether a UTF-16 unit of a string is a byte of one of the classes. */
export function isUnit(unit: number, mask: number): boolean {
  // Never undefined: a unit below 256 is in the table.
  return unit < 256 && ((classes[unit] as number) & mask) !== 0
}

/** Value of a hexadecimal digit, or 255. */
export function hexValue(byte: number): number {
  // Never undefined: the table has all 256 bytes.
  return hexValues[byte] as number
}

function classify(byte: number): number {
  const character = String.fromCharCode(byte)
  let mask = 0
  for (const [bit, members] of membersOf) if (members.test(character)) mask |= bit
  return mask
}
