import { describe, expect, it } from 'vitest'
import { HeaderBlock } from '../../src/index.ts'

describe('HeaderBlock', () => {
  it('has ready lines', () => {
    const block = new HeaderBlock(['x-a', 'b', 'x-c', ''])

    expect(block.bytes.toString()).toBe('x-a: b\r\nx-c: \r\n')
    expect(block.get('x-a')).toBe('b')
    expect(block.get('x-d')).toBeUndefined()
  })

  it('can do without a name', () => {
    const block = new HeaderBlock(['x-a', 'b', 'x-c', 'd', 'x-a', 'e'])

    expect(block.without('x-a').bytes.toString()).toBe('x-c: d\r\n')
    expect(block.without('x-e')).toBe(block)
  })

  it.each([
    ['x', 'a\r\nb: c'],
    ['x', 'a\0'],
    ['x', '€'],
    ['x:', 'a'],
    ['', 'a'],
    ['content-length', '5'],
    ['transfer-encoding', 'chunked'],
    ['host', 'a'],
    ['connection', 'close'],
  ])('refuses %j: %j', (name, value) => {
    expect(() => new HeaderBlock([name, value])).toThrow(
      expect.objectContaining({ code: 'GW_INVALID_HEADER' }),
    )
  })
})
