import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeMessage, encodeMessage } from '../src/message.ts'

describe('grpc-message', () => {
  it.each([
    ['no such user', 'no such user'],
    ['100%', '100%25'],
    ['line\r\nbreak', 'line%0D%0Abreak'],
    ['Grüße', 'Gr%C3%BC%C3%9Fe'],
    ['☃', '%E2%98%83'],
    ['', ''],
  ])('has %j as %s', (text, encoded) => {
    expect(encodeMessage(text)).toBe(encoded)
    expect(decodeMessage(encoded)).toBe(text)
  })

  it.each(['100%', '%zz', '%4', '%'])('keeps %s, which is not encoded well', (text) => {
    expect(decodeMessage(text)).toBe(text)
  })

  it('can be any text, and needs nothing but printable ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const encoded = encodeMessage(text)
        expect(encoded).toMatch(/^[\x20-\x7e]*$/)
        expect(decodeMessage(encoded)).toBe(text)
      }),
    )
  })
})
