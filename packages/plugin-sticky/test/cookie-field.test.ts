import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CookieField } from '../src/cookie-field.ts'

const field = new CookieField('gateway_sticky')

describe('a cookie', () => {
  it.each([
    { lines: ['gateway_sticky=abc-123; other=val'], value: 'abc-123' },
    { lines: ['other=val; gateway_sticky=abc-123'], value: 'abc-123' },
    { lines: ['other=val;gateway_sticky=abc-123;x=y'], value: 'abc-123' },
    { lines: ['other=val;\t gateway_sticky=abc-123 '], value: 'abc-123' },
    { lines: ['other=value'], value: undefined },
    { lines: ['gateway_sticky='], value: undefined },
    { lines: ['gateway_sticky=; gateway_sticky=x'], value: 'x' },
    { lines: ['a=b', 'c=d', 'gateway_sticky=x'], value: 'x' },
    { lines: ['gateway_sticky=a=b=='], value: 'a=b==' },
    { lines: ['Gateway_Sticky=x'], value: undefined },
    { lines: ['my_gateway_sticky=x'], value: undefined },
    { lines: ['a=gateway_sticky=x'], value: undefined },
    { lines: ['gateway_sticky'], value: undefined },
    { lines: [';;; ;'], value: undefined },
    { lines: [''], value: undefined },
    { lines: [], value: undefined },
  ])('is $value in $lines', ({ lines, value }) => {
    expect(field.find(lines, (found) => found)).toBe(value)
  })

  it('is the first one that is accepted if there are several', () => {
    const lines = ['gateway_sticky=forged; gateway_sticky=second', 'gateway_sticky=third']

    expect(field.find(lines, (value) => (value === 'forged' ? undefined : value))).toBe('second')
  })

  it.each([
    ['gateway_sticky=x', ''],
    ['gateway_sticky=x; a=1', 'a=1'],
    ['a=1; gateway_sticky=x', 'a=1'],
    ['a=1; gateway_sticky=x; b=2', 'a=1; b=2'],
    ['a=1;gateway_sticky=x;b=2', 'a=1;b=2'],
    ['gateway_sticky=x; gateway_sticky=y; a="1 2"', 'a="1 2"'],
    ['a=1; gateway_sticky=; b', 'a=1; b'],
    ['a=gateway_sticky=1;  b = 2 ;; c', 'a=gateway_sticky=1;  b = 2 ;; c'],
    ['my_gateway_sticky=1', 'my_gateway_sticky=1'],
  ])('taken out of "%s" leaves "%s"', (line, rest) => {
    expect(field.without(line)).toBe(rest)
  })

  it('is found and taken out as if each line was cut at its semicolons', () => {
    const part = fc.constantFrom('gateway_sticky=', 'gateway_sticky=x', 'a=1', 'b', '', ' ', '\t')
    const glue = fc.constantFrom(';', '; ', ' ;', '')
    const property = fc.property(fc.array(fc.tuple(part, glue)), (pieces) => {
      const line = pieces.flat().join('')
      const parts = line.split(';')
      const values = parts.filter(isCookie).map((found) => found.trim().slice(15))
      const rest = parts.filter((found) => !isCookie(found)).join(';')

      expect(field.find([line], (value) => value)).toBe(values.find((value) => value !== ''))
      expect(field.without(line)).toBe(values.length === 0 ? line : rest.trimStart())
    })
    fc.assert(property, { numRuns: 2000 })
  })
})

function isCookie(part: string): boolean {
  return part.trim().startsWith('gateway_sticky=')
}
