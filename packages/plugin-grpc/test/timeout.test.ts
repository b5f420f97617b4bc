import { describe, expect, it } from 'vitest'
import { tryTimeout } from '../src/timeout.ts'

describe('grpc-timeout', () => {
  it.each([
    ['1H', 3_600_000],
    ['2M', 120_000],
    ['3S', 3000],
    ['400m', 400],
    ['5000u', 5],
    ['6000000n', 6],
    ['0S', 0],
    ['99999999S', 99_999_999_000],
  ])('%s is %d milliseconds', (text, ms) => {
    expect(tryTimeout(text)).toBeCloseTo(ms)
  })

  it.each(['', 'S', '1', '1s', '1h', '123456789S', '-1S', '1.5S', ' 1S', '1S ', '1 S', '1SS'])(
    'is not "%s"',
    (text) => {
      expect(tryTimeout(text)).toBeUndefined()
    },
  )
})
