import { HeaderList } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { extract, removeTraceFields } from '../../src/propagation/extraction.ts'

const trace = '0af7651916cd43dd8448eb211c80319c'
const span = '00f067aa0ba902b7'
const b3Trace = '463ac35c9f6413ad48485a3953bb6124'
const b3Span = '0020000000000001'

const continued = { traceId: trace, spanId: span, sampled: true, flags: 0, state: undefined }
const b3Continued = { ...continued, traceId: b3Trace, spanId: b3Span }

describe('traceparent', () => {
  it.each([
    { value: `00-${trace}-${span}-01`, sampled: true },
    { value: `00-${trace}-${span}-00`, sampled: false },
    { value: `00-${trace}-${span}-ff`, sampled: true, flags: 2 },
    { value: `00-${trace}-${span}-02`, sampled: false, flags: 2 },
    { value: `01-${trace}-${span}-01`, sampled: true },
    { value: `fe-${trace}-${span}-01-what.comes.later`, sampled: true },
    { value: `cc-${trace}-${span}-01-`, sampled: true },
  ])('is understood as $value', ({ value, sampled, flags = 0 }) => {
    expect(extractFrom(['traceparent', value])).toEqual({ ...continued, sampled, flags })
  })

  it.each([
    '',
    'invalid',
    '00-short-id-01',
    `00-${trace}-${span}`,
    `00-${trace}-${span}-`,
    `00-${trace}-${span}-1`,
    `00-${trace}-${span}-01-`,
    `00-${trace}-${span}-01-more`,
    `01-${trace}-${span}-01.more`,
    `01-${trace}-${span}-012`,
    `ff-${trace}-${span}-01`,
    `0-${trace}-${span}-01`,
    `0z-${trace}-${span}-01`,
    `00-${trace.replace('a', 'z')}-${span}-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${trace}-${span.toUpperCase()}-01`,
    `00-${trace}-${span}-0A`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00_${trace}-${span}-01`,
    `00-${trace}-${span}-01,00-${trace}-${span}-01`,
  ])('is none as "%s"', (value) => {
    expect(extractFrom(['traceparent', value])).toBeUndefined()
  })

  it('is none if there are two of it, even if they say the same', () => {
    const value = `00-${trace}-${span}-01`

    expect(extractFrom(['traceparent', value, 'traceparent', value])).toBeUndefined()
  })
})

describe('tracestate', () => {
  const many = Array.from({ length: 40 }, (_, i) => `k${i}=v`)

  it.each([
    { lines: ['vendor=value'], state: 'vendor=value' },
    { lines: ['a=1', 'b=2'], state: 'a=1,b=2' },
    { lines: [' a=1 \t, ,b=2,'], state: 'a=1,b=2' },
    { lines: ['tenant@vendor=a b', '0@v=1'], state: 'tenant@vendor=a b,0@v=1' },
    { lines: [many.join(',')], state: many.slice(0, 32).join(',') },
    {
      lines: [`a=${'x'.repeat(250)},b=${'y'.repeat(250)},c=${'z'.repeat(250)},d=1`],
      state: `a=${'x'.repeat(250)},b=${'y'.repeat(250)},d=1`,
    },
    { lines: ['a='], state: undefined },
    { lines: ['=1'], state: undefined },
    { lines: ['a=1', 'b'], state: undefined },
    { lines: ['A=1'], state: undefined },
    { lines: ['1a=1'], state: undefined },
    { lines: ['a=1=2'], state: undefined },
    { lines: ['a@b@c=1'], state: undefined },
    { lines: ['a=\u00e9'], state: undefined },
    { lines: [`${'k'.repeat(257)}=1`], state: undefined },
    { lines: [`a=${'v'.repeat(257)}`], state: undefined },
    { lines: [''], state: undefined },
  ])('$lines becomes $state, and the trace goes on', ({ lines, state }) => {
    const fields = lines.flatMap((line) => ['tracestate', line])

    expect(extractFrom(['traceparent', `00-${trace}-${span}-01`, ...fields])).toEqual({
      ...continued,
      state,
    })
  })

  it('says nothing without a traceparent', () => {
    expect(extractFrom(['tracestate', 'a=1', 'b3', `${b3Trace}-${b3Span}-1`])).toEqual(b3Continued)
  })
})

describe('b3', () => {
  it.each([
    { value: `${b3Trace}-${b3Span}-1`, sampled: true },
    { value: `${b3Trace}-${b3Span}-1-00f067aa0ba902b7`, sampled: true },
    { value: `${b3Trace}-${b3Span}-0`, sampled: false },
    { value: `${b3Trace}-${b3Span}-d`, sampled: true },
    { value: `${b3Trace}-${b3Span}`, sampled: undefined },
    { value: `${b3Trace.toUpperCase()}-${b3Span}-1`, sampled: true },
  ])('is understood as $value', ({ value, sampled }) => {
    expect(extractFrom(['b3', value])).toEqual({ ...b3Continued, sampled })
  })

  it('may have a short trace id, which is filled up', () => {
    expect(extractFrom(['b3', `48485a3953bb6124-${b3Span}-1`])).toEqual({
      ...b3Continued,
      traceId: '000000000000000048485a3953bb6124',
    })
  })

  it('may say that there is to be no trace', () => {
    expect(extractFrom(['b3', '0'])).toBe('unsampled')
  })

  it.each([
    '',
    'invalid',
    'a-b',
    '1',
    'd',
    b3Trace,
    `${b3Trace}-`,
    `${b3Trace}-${b3Span}-`,
    `${b3Trace}-${b3Span}-2`,
    `${b3Trace}-${b3Span}-1-`,
    `${b3Trace}-${b3Span}-1-short`,
    `${b3Trace}-${b3Span}-1-00f067aa0ba902b7-`,
    `${b3Trace}-${b3Span}-11`,
    `${b3Trace}-${b3Span}1`,
    `${b3Trace.slice(1)}-${b3Span}-1`,
    `${b3Trace}-${b3Span.slice(1)}-1`,
    `${'0'.repeat(32)}-${b3Span}-1`,
    `${b3Trace}-${'0'.repeat(16)}-1`,
    `${b3Trace}-${b3Span.slice(1)}z-1`,
  ])('is none as "%s"', (value) => {
    expect(extractFrom(['b3', value])).toBeUndefined()
  })
})

describe('the fields x-b3-…', () => {
  const ids = ['x-b3-traceid', b3Trace, 'x-b3-spanid', b3Span]

  it.each([
    { more: ['x-b3-sampled', '1'], sampled: true },
    { more: ['x-b3-sampled', 'true'], sampled: true },
    { more: ['x-b3-sampled', '0'], sampled: false },
    { more: ['x-b3-sampled', 'what'], sampled: false },
    { more: ['x-b3-flags', '1'], sampled: true },
    { more: ['x-b3-flags', '1', 'x-b3-sampled', '0'], sampled: true },
    { more: ['x-b3-flags', '0'], sampled: undefined },
    { more: ['x-b3-parentspanid', '00f067aa0ba902b7'], sampled: undefined },
  ])('with $more are understood', ({ more, sampled }) => {
    expect(extractFrom([...ids, ...more])).toEqual({ ...b3Continued, sampled })
  })

  it('may have a short trace id, which is filled up', () => {
    expect(extractFrom(['x-b3-traceid', '48485a3953bb6124', 'x-b3-spanid', b3Span])).toMatchObject({
      traceId: '000000000000000048485a3953bb6124',
    })
  })

  it.each([
    [['x-b3-traceid', b3Trace]],
    [['x-b3-spanid', b3Span]],
    [['x-b3-traceid', 'short', 'x-b3-spanid', b3Span]],
    [['x-b3-traceid', b3Trace, 'x-b3-spanid', 'short']],
    [['x-b3-traceid', b3Trace, 'x-b3-spanid', '0'.repeat(16)]],
    [['x-b3-traceid', `${b3Trace}00`, 'x-b3-spanid', b3Span]],
    [['x-b3-sampled', '1']],
  ])('are none as %j', (fields) => {
    expect(extractFrom(fields)).toBeUndefined()
  })

  it('may say that there is to be no trace', () => {
    expect(extractFrom(['x-b3-sampled', '0'])).toBe('unsampled')
  })
})

describe('of several formats', () => {
  const w3c = ['traceparent', `00-${trace}-${span}-01`]
  const single = ['b3', `${b3Trace}-${b3Span}-1`]
  const multi = ['x-b3-traceid', '1'.repeat(32), 'x-b3-spanid', b3Span]

  it.each([
    { fields: [...single, ...multi, ...w3c], traceId: trace },
    { fields: ['traceparent', 'invalid', ...multi, ...single], traceId: b3Trace },
    { fields: ['traceparent', 'invalid', 'b3', 'invalid', ...multi], traceId: '1'.repeat(32) },
    { fields: ['b3', 'invalid', ...multi], traceId: '1'.repeat(32) },
  ])('the best valid one counts: $fields', ({ fields, traceId }) => {
    expect(extractFrom(fields)).toMatchObject({ traceId })
  })

  it('none is left', () => {
    const headers = new HeaderList([...w3c, 'x-a', '1', ...single, ...multi, 'tracestate', 'a=1'])

    removeTraceFields(headers)

    expect([...headers]).toEqual([['x-a', '1']])
  })
})

describe('whatever is sent', () => {
  it('is no trace, or one that can be handed on', () => {
    const seeds = [
      ['traceparent', `00-${trace}-${span}-01`],
      ['b3', `${b3Trace}-${b3Span}-1-00f067aa0ba902b7`],
      ['tracestate', 'vendor=value,tenant@vendor=a b'],
    ] as const
    const random = generator(20_261_121)

    for (let i = 0; i < 60_000; i++) {
      const fields = seeds.flatMap(([name, value]) =>
        name === 'traceparent' && random(3) === 0 ? [] : [name, mutated(value, random)],
      )
      const found = extractFrom(fields)
      if (found === undefined || found === 'unsampled') continue
      const { traceId, spanId, state = 'a=1' } = found
      expect(traceId).toMatch(/^(?!0{32})[\da-f]{32}$/)
      expect(spanId).toMatch(/^(?!0{16})[\da-f]{16}$/)
      expect(state).toMatch(/^[\da-z][\x20-\x7e]*$/)
      expect(state.length).toBeLessThanOrEqual(512)
    }
  })
})

function extractFrom(fields: readonly string[]): ReturnType<typeof extract> {
  return extract(new HeaderList([...fields]))
}

/** Some characters changed, taken away, repeated or put in. */
function mutated(text: string, random: (below: number) => number): string {
  let result = text
  for (let count = random(4); count > 0; count--) {
    const at = random(result.length + 1)
    const piece = String.fromCharCode(random(256))
    const kept = result.slice(at + random(3))
    result = result.slice(0, at) + (random(3) === 0 ? '' : piece) + kept
  }
  return result
}

/** The same numbers for the same seed. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
