import { describe, expect, it } from 'vitest'
import { GatewayResponse } from '../src/response.ts'
import { firstByteAt, noteFirstByte, timeFirstByte } from '../src/streaming.ts'
import { CollectingSink, PushedSource } from './support/bodies.ts'
import { fakeContext } from './support/contexts.ts'

describe('the first byte of a response', () => {
  it('has its time, once, and passes with all others', () => {
    const ctx = fakeContext()
    const source = new PushedSource([], 'open')
    const response = new GatewayResponse({ status: 200, body: source })
    const sink = new CollectingSink()

    timeFirstByte(ctx, response)
    response.takeBody()?.start(sink)
    source.push('')
    const before = ctx.get(firstByteAt)
    source.push('a')
    const first = ctx.get(firstByteAt)
    noteFirstByte(ctx)
    source.push('b')
    source.end()

    expect(before).toBeUndefined()
    expect(first).toBeLessThanOrEqual(performance.now())
    expect(ctx.get(firstByteAt)).toBe(first)
    expect([sink.text, sink.outcome]).toEqual(['ab', 'ended'])
  })

  it('never comes if there is no body', () => {
    const ctx = fakeContext()
    const response = new GatewayResponse({ status: 204 })

    timeFirstByte(ctx, response)

    expect(response.hasBody).toBe(false)
    expect(ctx.get(firstByteAt)).toBeUndefined()
  })
})
