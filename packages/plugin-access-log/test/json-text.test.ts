import { describe, expect, it } from 'vitest'
import { json, KnownTexts, milliseconds, quoted, Timestamps } from '../src/json-text.ts'

describe('the text of a value in a line', () => {
  it.each(['', 'plain', '"', '\\', 'a\nb', '\u0000', '\u007f', 'ü', '\u2028', '😀', '\ud800'])(
    'is the JSON of the string %j',
    (text) => {
      const known = new KnownTexts()

      expect(JSON.parse(quoted(text))).toBe(text)
      expect(known.quoted(text)).toBe(quoted(text))
      expect(known.quoted(text)).toBe(quoted(text))
    },
  )

  it.each([
    ['\u007f', '"\\u007f"'],
    ['a\u0080\u009b2J\u009fz', '"a\\u0080\\u009b2J\\u009fz"'],
    ['\u2028\u2029', '"\\u2028\\u2029"'],
    ['\u00a0ü', '"\u00a0ü"'],
  ])('has nothing in it that a terminal obeys: %j', (text, told) => {
    expect(quoted(text)).toBe(told)
    expect(json({ [text]: text })).toBe(`{${told}:${told}}`)
  })

  it.each([
    [0, '0'],
    [-0.5, '0'],
    [0.0004, '0'],
    [0.0006, '0.001'],
    [12.345_67, '12.346'],
    [12.999_9, '13'],
    [7, '7'],
    [86_400_000.05, '86400000.050'],
  ])('is the time %d as %s', (ms, text) => {
    expect(milliseconds(ms)).toBe(text)
    expect(Number.isFinite(JSON.parse(text))).toBe(true)
  })

  it('is a point in time in UTC, whichever second came before', () => {
    const timestamps = new Timestamps()

    for (const at of [0, 1.7, 999.2, 1000.4, 0.2, 5_000_000]) {
      const date = new Date(Math.trunc(performance.timeOrigin + at))
      expect(timestamps.quoted(at)).toBe(JSON.stringify(date.toISOString()))
    }
  })
})
