import { describe, expect, it } from 'vitest'
import { Class, hexValue, is, isUnit } from '../../src/syntax/tables.ts'

const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))

describe('byte classes', () => {
  it.each([
    [
      'token',
      Class.token,
      "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~",
    ],
    ['blank', Class.blank, '\t '],
    ['digit', Class.digit, '0123456789'],
    ['host', Class.host, '-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~'],
  ])('%s has exactly its members', (_, mask, members) => {
    expect(membersOf(mask)).toBe(members)
  })

  it('lets into values all but control characters', () => {
    const members = membersOf(Class.value)

    expect(members).toHaveLength(256 - 31 - 1)
    expect(members).toMatch(/^\t[\x20-\x7e\x80-\xff]+$/)
  })

  it('lets into targets what is visible, without the fragment sign', () => {
    expect(membersOf(Class.target)).toMatch(/^[!-"$-~]{93}$/)
  })

  it('knows no class for what is no byte', () => {
    expect(isUnit(0x61, Class.token)).toBe(true)
    expect(isUnit(0x161, Class.token)).toBe(false)
    expect(isUnit(0x20ac, Class.value)).toBe(false)
  })

  it('knows hexadecimal digits', () => {
    expect(Array.from('09afAF', (digit) => hexValue(digit.charCodeAt(0)))).toEqual([
      0, 9, 10, 15, 10, 15,
    ])
    expect(Array.from('/:@G`g', (other) => hexValue(other.charCodeAt(0)))).toEqual(
      Array.from({ length: 6 }, () => 255),
    )
  })
})

function membersOf(mask: number): string {
  return Array.from(all.keys())
    .filter((byte) => is(all, byte, mask))
    .map((byte) => String.fromCharCode(byte))
    .join('')
}
