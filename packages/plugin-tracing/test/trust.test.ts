import { startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { startCollector } from './collector.ts'
import { parentId, spansOf, start, traceId, traceparent } from './traced-gateway.ts'

describe('who decides whether a trace is recorded', () => {
  const unsampled = `00-${traceId}-${parentId}-00`

  it.each([
    { trust: 'always', peer: 'anybody', rate: 1, flags: '00', spans: 0 },
    { trust: 'always', peer: 'anybody', rate: 0, flags: '01', spans: 2 },
    { trust: 'trusted_peers', peer: 'anybody', rate: 1, flags: '00', spans: 2 },
    { trust: 'trusted_peers', peer: 'anybody', rate: 0, flags: '01', spans: 0 },
    { trust: 'trusted_peers', peer: 'proxy', rate: 0, flags: '01', spans: 2 },
    { trust: 'trusted_peers', peer: 'proxy', rate: 1, flags: '00', spans: 0 },
  ])(
    'with trust = "$trust" and a rate of $rate, $peer gets $spans spans for $flags',
    async ({ trust, peer, rate, flags, spans }) => {
      await using upstream = await startUpstream()
      await using collector = await startCollector()
      const options = `trust = "${trust}"\n sample_rate = ${rate}`
      await using gateway = await start(upstream, collector, options, undefined, '', peer)

      await gateway.request('/', { headers: { traceparent: unsampled.slice(0, -2) + flags } })

      const told = spans === 0 ? '00' : '01'
      expect(upstream.requests[0]?.headerValues('traceparent')).toEqual([
        expect.stringMatching(new RegExp(`^00-${traceId}-[\\da-f]{16}-${told}$`)),
      ])
      expect(await spansOf(gateway, collector, spans)).toHaveLength(spans)
    },
  )

  it.each(['trust = "never"', 'trust_ids = "trusted_peers"', 'trust_ids = "never"'])(
    'has a trace of its own, with a link, under %s',
    async (options) => {
      await using upstream = await startUpstream()
      await using collector = await startCollector()
      await using gateway = await start(upstream, collector, options)

      await gateway.request('/', { headers: { traceparent, tracestate: 'vendor=value' } })

      const [entry, attempt] = await spansOf(gateway, collector, 2)
      expect(entry?.traceId).not.toBe(traceId)
      expect(entry).toMatchObject({
        parentSpanId: undefined,
        links: [{ traceId, spanId: parentId }],
      })
      const [got] = upstream.requests
      expect(got?.headerValues('tracestate')).toEqual([])
      expect(got?.headerValues('traceparent')).toEqual([
        `00-${entry?.traceId}-${attempt?.spanId}-01`,
      ])
    },
  )

  it('lets a client that is trusted ask for none with b3, and leaves probes out', async () => {
    await using upstream = await startUpstream()
    await using collector = await startCollector()
    const options = 'trust = "always"\n exclude_paths = ["/health"]'
    await using gateway = await start(upstream, collector, options)

    await gateway.request('/', { headers: { b3: '0' } })
    await gateway.request('/health')
    await gateway.request('/health', { headers: { traceparent } })

    const [entry] = await spansOf(gateway, collector, 2)
    expect(entry?.traceId).toBe(traceId)
    const told = upstream.requests.map((request) => request.headerValues('traceparent')[0])
    expect(told.map((value) => value?.slice(-2))).toEqual(['00', '00', '01'])
  })
})
