import { notes } from '@gatewright/kernel'
import {
  closeBeforeResponse,
  connect,
  reply,
  startGateway,
  startUpstream,
  type TestGateway,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { config, start, traceId, traceparent, tracing } from './traced-gateway.ts'

describe('traces that are only handed on', () => {
  it('reach the server and the client, and are noted for the log', async () => {
    await using upstream = await startUpstream([reply(200), closeBeforeResponse()])
    await using gateway = await start(
      upstream,
      undefined,
      'response_header = "traceresponse"\n request_id = "both"',
    )

    const response = await gateway.request('/', {
      headers: { traceparent, 'x-request-id': 'mine' },
    })
    await gateway.request('/', { headers: { traceparent } })

    const { 'x-request-id': id, traceresponse } = response.headers
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    expect(upstream.requests[0]?.headerValues('x-request-id')).toEqual([id])
    expect(traceresponse).toMatch(new RegExp(`^00-${traceId}-[\\da-f]{16}-01$`))
    const failure = gateway.logs.entries.find(({ msg }) => msg === 'request failed')
    expect(failure).toMatchObject({ trace_id: traceId, request_id: expect.any(String) })
  })

  it('are noted before anybody tells of the request, whatever became of it', async () => {
    await using upstream = await startUpstream()
    const told: unknown[] = []
    const telling = {
      name: 'telling',
      setup: ({ hooks }: { hooks: TestGateway['gateway']['hooks'] }) => {
        hooks.finish.tap('telling', (exchange) => void told.push(exchange.get(notes)))
      },
    }
    const block = config(upstream.url, tracing(''))
    await using gateway = await startGateway(block, { plugins: [telling] })

    await gateway.request('/', { headers: { traceparent } })
    using broken = await connect(gateway.port())
    await broken.send('GET / HTTP/1.1\r\nbroken : x\r\n\r\n')
    await broken.readToEnd()

    await vi.waitFor(() => expect(told).toHaveLength(2), { timeout: 5000 })
    expect(told[0]).toMatchObject({
      trace_id: traceId,
      span_id: expect.stringMatching(/^[\da-f]{16}$/),
    })
    expect(told[1]).toMatchObject({ trace_id: expect.stringMatching(/^[\da-f]{32}$/) })
  })

  it('take the request id of a trusted proxy', async () => {
    await using upstream = await startUpstream()
    const options = 'response_header = "x-trace-id"'
    await using gateway = await start(upstream, undefined, options, undefined, '', 'proxy')

    const response = await gateway.request('/', {
      headers: { traceparent, 'x-request-id': 'of-proxy.1' },
    })

    expect(upstream.requests[0]?.headerValues('x-request-id')).toEqual(['of-proxy.1'])
    expect(response.headers['x-trace-id']).toBe(traceId)
    expect(response.headers['x-request-id']).toBeUndefined()
  })

  it.each([
    { options: '', baggage: ['a=1', 'b=2'], passed: ['a=1', 'b=2'] },
    { options: '', baggage: [`a=${'x'.repeat(4094)}`, `b=${'x'.repeat(4095)}`], passed: [] },
    { options: 'baggage = "drop"', baggage: ['a=1'], passed: [] },
  ])('have $passed.length lines of their baggage passed with "$options"', async (given) => {
    const { options, baggage, passed } = given
    await using upstream = await startUpstream()
    await using gateway = await start(upstream, undefined, options)

    await gateway.request('/', { headers: baggage.map((line) => ['baggage', line] as const) })

    expect(upstream.requests[0]?.headerValues('baggage')).toEqual(passed)
  })

  it('are left alone without the block', async () => {
    await using upstream = await startUpstream()
    await using gateway = await start(upstream, undefined)
    await gateway.reload(config(upstream.url, ''))

    const headers = { traceparent: 'as it is', b3: 'this too', tracestate: 'a=1' }
    await gateway.request('/', { headers })

    const [got] = upstream.requests
    for (const [name, value] of Object.entries(headers)) {
      expect(got?.headerValues(name)).toEqual([value])
    }
    expect(got?.headerValues('x-request-id')).toEqual([])
  })
})
