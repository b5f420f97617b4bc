import { describe, expect, it } from 'vitest'
import { serverTiming } from '../src/server-timing.ts'
import { timingsOf } from './timings.ts'

describe('a Server-Timing field', () => {
  it('has names as tokens, texts as quoted strings and times to the microsecond', () => {
    const value = serverTiming([
      { name: 'total', ms: 12.345_678_9 },
      { name: 'middleware.a b/ü%.onRequest', ms: 0, text: 'say "no" \\ grüße\r\nx: y' },
    ])

    expect(value).toBe(
      String.raw`total;dur=12.346, middleware.a%20b%2F%C3%BC%25.onRequest;dur=0;desc="say \"no\" \\ gr%C3%BC%C3%9Fe%0D%0Ax: y"`,
    )
    expect(timingsOf(value)).toHaveLength(2)
  })

  it('never writes a time in powers of ten', () => {
    expect(serverTiming([{ name: 'a', ms: 1e-7 }])).toBe('a;dur=0')
    expect(serverTiming([{ name: 'a', ms: 86_400_000.5 }])).toBe('a;dur=86400000.5')
  })

  it('is no longer than a head may be, and says what it left out', () => {
    const entries = Array.from({ length: 1000 }, (_, i) => ({
      name: `step-${i}`.repeat(50),
      ms: 1,
      text: 'x'.repeat(1000),
    }))

    const value = serverTiming([{ name: 'total', ms: 1000 }, ...entries])
    const timings = timingsOf(value)

    expect(value.length).toBeLessThanOrEqual(4096)
    expect(timings[0]).toMatchObject({ name: 'total', ms: 1000 })
    expect(timings.at(-1)).toEqual({
      name: 'more',
      ms: 1000 - (timings.length - 2),
      text: `${1000 - (timings.length - 2)} that had no room`,
    })
  })
})
