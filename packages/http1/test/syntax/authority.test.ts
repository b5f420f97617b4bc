import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAuthority } from '../../src/index.ts'

describe('isAuthority', () => {
  it.each(['a', 'A-b.c_d~e', '127.0.0.1', '[::1]', '[2001:DB8::ffff:1.2.3.4]', 'xn--bcher-kva'])(
    'takes %s, with a port or without',
    (host) => {
      expect(check(host)).toBe(true)
      expect(check(`${host}:0`)).toBe(true)
      expect(check(`${host}:65535`)).toBe(true)
    },
  )

  it.each([
    '',
    ':80',
    'a:',
    'a:65536',
    'a:1e3',
    'a:80:80',
    'a b',
    'u@a',
    '[::1',
    '::1',
    '[::g]',
    '[]',
  ])('refuses "%s"', (text) => {
    expect(check(text)).toBe(false)
  })

  it('needs a port where there is no default', () => {
    expect(check('a', true)).toBe(false)
    expect(check('a:443', true)).toBe(true)
    expect(check('[::1]', true)).toBe(false)
  })

  it('looks at nothing outside its range', () => {
    const buf = Buffer.from('@a:80@')

    expect(isAuthority(buf, 1, 5, false)).toBe(true)
    expect(isAuthority(buf, 0, 5, false)).toBe(false)
    expect(isAuthority(buf, 1, 6, false)).toBe(false)
  })

  it('agrees with the platform about addresses', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.ipV6(), fc.string({ unit: fc.constantFrom('0', 'f', ':', '.') })),
        (address) => {
          expect(check(`[${address}]`)).toBe(isIPv6(address))
        },
      ),
    )
  })
})

function check(text: string, needsPort = false): boolean {
  const buf = Buffer.from(text, 'latin1')
  return isAuthority(buf, 0, buf.length, needsPort)
}
