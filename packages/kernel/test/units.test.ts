import { describe, expect, it } from 'vitest'
import { maxTimerMs, tryBytes, tryDuration } from '../src/units.ts'

describe('a duration', () => {
  it.each<[string | number, number]>([
    ['250ms', 250],
    ['10s', 10_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    [' 10s ', 10_000],
    ['10', 10_000],
    [10, 10_000],
    [0, 0],
    ['0ms', 0],
    ['0.4ms', 0],
    ['2147483647ms', maxTimerMs],
  ])('is understood: %j', (text, ms) => {
    expect(tryDuration(text)).toBe(ms)
  })

  it.each([
    '',
    'abc',
    'ms',
    '10 s',
    '10S',
    '-1s',
    '1e3s',
    '1,5s',
    '10sec',
    's10',
    '1.s',
    '25d',
    1e12,
    -1,
    1.5,
  ])('is refused: %j', (text) => {
    expect(tryDuration(text)).toBeUndefined()
  })
})

describe('a size', () => {
  it.each<[string | number, number]>([
    ['64KiB', 65_536],
    ['10MB', 10_000_000],
    ['1.5g', 1_610_612_736],
    ['1k', 1024],
    ['1 kb', 1000],
    ['7b', 7],
    ['7', 7],
    [7, 7],
    [0, 0],
  ])('is understood: %j', (text, bytes) => {
    expect(tryBytes(text)).toBe(bytes)
  })

  it.each(['', 'KiB', '-1', '1TB', '1.5.1k', '1e6', '9007199254740993', '10 M B'])(
    'is refused: %j',
    (text) => {
      expect(tryBytes(text)).toBeUndefined()
    },
  )
})
