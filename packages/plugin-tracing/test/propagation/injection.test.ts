import { HeaderList } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { newSpanId, newTraceId } from '../../src/propagation/ids.ts'
import { type Format, Injection } from '../../src/propagation/injection.ts'
import { Sampler } from '../../src/sampler.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = '00f067aa0ba902b7'
const parentId = '0020000000000001'
const trace = { traceId, sampled: true, flags: 0, state: undefined }

describe('what servers are told', () => {
  it.each<{ formats: Format[]; told: typeof trace | object; parent?: string; fields: string[][] }>([
    { formats: ['w3c'], told: {}, fields: [['traceparent', `00-${traceId}-${spanId}-01`]] },
    {
      formats: ['w3c'],
      told: { sampled: false },
      fields: [['traceparent', `00-${traceId}-${spanId}-00`]],
    },
    {
      formats: ['w3c'],
      told: { flags: 2, state: 'vendor=value' },
      fields: [
        ['traceparent', `00-${traceId}-${spanId}-03`],
        ['tracestate', 'vendor=value'],
      ],
    },
    { formats: ['b3'], told: {}, fields: [['b3', `${traceId}-${spanId}-1`]] },
    {
      formats: ['b3'],
      told: { sampled: false, state: 'vendor=value' },
      parent: parentId,
      fields: [['b3', `${traceId}-${spanId}-0-${parentId}`]],
    },
    {
      formats: ['b3multi'],
      told: {},
      parent: parentId,
      fields: [
        ['x-b3-traceid', traceId],
        ['x-b3-spanid', spanId],
        ['x-b3-parentspanid', parentId],
        ['x-b3-sampled', '1'],
      ],
    },
    {
      formats: ['w3c', 'b3'],
      told: {},
      fields: [
        ['traceparent', `00-${traceId}-${spanId}-01`],
        ['b3', `${traceId}-${spanId}-1`],
      ],
    },
  ])('in $formats of $told', ({ formats, told, parent, fields }) => {
    const headers = new HeaderList()

    new Injection(formats).apply(headers, { ...trace, ...told }, spanId, parent)

    expect([...headers]).toEqual(fields)
  })

  it('takes the place of what another try was told', () => {
    const injection = new Injection(['w3c', 'b3multi'])
    const headers = new HeaderList()

    injection.apply(headers, trace, parentId, undefined)
    injection.apply(headers, trace, spanId, undefined)

    expect(headers.getAll('traceparent')).toEqual([`00-${traceId}-${spanId}-01`])
    expect(headers.getAll('x-b3-spanid')).toEqual([spanId])
  })
})

describe('ids', () => {
  it('have their form and never come twice', () => {
    const count = 1_000_000
    const ids = new Set<string>()

    for (let i = 0; i < count; i++) ids.add(newSpanId())

    expect(ids.size).toBe(count)
    expect(newSpanId()).toMatch(/^[\da-f]{16}$/)
    expect(newTraceId()).toMatch(/^[\da-f]{32}$/)
  })
})

describe('the sampler', () => {
  it('takes its part of the traces, and the same ones each time', () => {
    const ids = Array.from({ length: 20_000 }, () => newTraceId())
    const chosen = (rate: number): string[] =>
      ids.filter((id) => new Sampler(rate, []).includes(id))

    expect(chosen(0)).toEqual([])
    expect(chosen(1)).toEqual(ids)
    expect(chosen(0.25)).toEqual(chosen(0.25))
    expect(chosen(0.25).every((id) => new Sampler(0.5, []).includes(id))).toBe(true)
    // Six standard deviations.
    expect(Math.abs(chosen(0.25).length - 5000)).toBeLessThan(370)
  })

  it.each([
    ['ffffffffffffffff0000000000000001', true],
    ['00000000000000003fffffffffffffff', true],
    ['00000000000000004000000000000000', false],
    ['0000000000000000ffffffffffffffff', false],
  ])('goes by the low half of the id: %s', (id, included) => {
    expect(new Sampler(0.25, []).includes(id)).toBe(included)
  })

  it('leaves out paths, and all below those that end in a slash', () => {
    const sampler = new Sampler(1, ['/health', '/static/'])
    const targets = ['/health', '/health?full', '/healthy', '/static/a', '/static', '/']

    expect(targets.filter((target) => sampler.excludes(target))).toEqual([
      '/health',
      '/health?full',
      '/static/a',
    ])
  })
})
