import { describe, expect, it } from 'vitest'
import { Method, methodName, methodOf } from '../../src/index.ts'

describe('methods', () => {
  it.each(Object.entries(Method).filter(([name]) => name !== 'other'))(
    'knows %s by its number',
    (name, number) => {
      const buf = Buffer.from(name.toUpperCase())

      expect(methodOf(buf, 0, buf.length)).toBe(number)
      expect(methodName(number)).toBe(name.toUpperCase())
    },
  )

  it.each(['get', 'GETS', 'G', 'PROPFIND', 'POTS'])('does not know %s', (name) => {
    const buf = Buffer.from(name)

    expect(methodOf(buf, 0, buf.length)).toBe(Method.other)
  })
})
