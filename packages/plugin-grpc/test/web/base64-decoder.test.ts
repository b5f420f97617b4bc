import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Base64Decoder } from '../../src/web/base64-decoder.ts'

describe('base64 in pieces', () => {
  it('is what it was, wherever it is cut and however it was padded', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 })
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 7 }), (parts, size) => {
        const text = parts.map((part) => Buffer.from(part).toString('base64')).join('')

        expect(decodeBy(text, size)).toEqual(Buffer.concat(parts))
      }),
    )
  })

  it.each([
    ['aGVsbG8', 'hello'],
    ['aGVs\r\nbG8=\r\n', 'hello'],
    ['YQ==YmM=', 'abc'],
    ['', ''],
  ])('may be %j', (text, decoded) => {
    expect(decodeBy(text, 3)?.toString()).toBe(decoded)
  })

  it.each(['a', '=', 'a===', 'ab=c', 'ab=', 'a_b-', 'ab c', 'abcde'])('is not %j', (text) => {
    expect(decodeBy(text, 3)).toBeUndefined()
  })
})

function decodeBy(text: string, size: number): Buffer | undefined {
  const decoder = new Base64Decoder()
  const bytes = Buffer.from(text)
  const decoded: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) {
    const piece = decoder.decode(bytes, at, Math.min(at + size, bytes.length))
    if (piece === undefined) return undefined
    decoded.push(piece)
  }
  const rest = decoder.finish()
  return rest && Buffer.concat([...decoded, rest])
}
