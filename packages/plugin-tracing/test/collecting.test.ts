import { deadUrl, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { tracingOf } from '../src/index.ts'
import { startCollector } from './collector.ts'
import { config, exporting, spansOf, start, tracing } from './traced-gateway.ts'

describe('the way to the collector', () => {
  it('survives a reload that leaves it as it is', async () => {
    await using upstream = await startUpstream()
    await using collector = await startCollector()
    await using gateway = await start(upstream, collector)
    await gateway.request('/')

    await gateway.reload(config(upstream.url, `${exporting(collector)}\n sample_rate = 0.9999`))
    const exporter = tracingOf(gateway.gateway)?.exporter

    expect(exporter?.queued).toBe(2)
    expect(await spansOf(gateway, collector, 2)).toHaveLength(2)
    expect(exporter?.exported).toBe(2)
  })

  it('is emptied when a reload leaves it out', async () => {
    await using upstream = await startUpstream()
    await using collector = await startCollector()
    await using gateway = await start(upstream, collector)
    await gateway.request('/')

    await gateway.reload(config(upstream.url, ''))

    await vi.waitFor(() => expect(collector.spans).toHaveLength(2), { timeout: 5000 })
    expect(tracingOf(gateway.gateway)).toBeUndefined()
  })

  it.each([
    ['otlp_endpoint = "http://1.2.3.999:4318"', 'GW_TRACING_ENDPOINT', ['otlp_endpoint']],
    [
      'otlp_endpoint = "http://127.0.0.1:4318"\n otlp_headers = { "a b" = "c" }',
      'GW_TRACING_HEADER',
      ['otlp_headers', 'a b'],
    ],
    [
      'otlp_endpoint = "http://127.0.0.1:4318"\n otlp_headers = { "a" = "b\\nc" }',
      'GW_TRACING_HEADER',
      ['otlp_headers', 'a'],
    ],
  ])('is refused as %s', async (options, code, path) => {
    const started = startGateway(config('http://127.0.0.1:1', tracing(options)))

    await expect(started).rejects.toMatchObject({
      problems: [{ code, path: ['tracing', ...path] }],
    })
  })

  it('is emptied when the gateway stops', async () => {
    await using upstream = await startUpstream()
    await using collector = await startCollector()
    const gateway = await start(upstream, collector)
    await gateway.request('/')

    await gateway.close()

    expect(collector.spans).toHaveLength(2)
  })

  it('has its headers, which nobody else sees', async () => {
    await using upstream = await startUpstream()
    await using collector = await startCollector()
    const options = 'otlp_headers = { "x-api-key" = "hush" }'
    await using gateway = await start(upstream, collector, options)

    await gateway.request('/')
    await spansOf(gateway, collector, 2)

    expect(collector.requests[0]?.headers['x-api-key']).toBe('hush')
    expect(JSON.stringify(gateway.logs.entries)).not.toContain('hush')
  })

  it('holds no request up when nobody is at its end', async () => {
    await using upstream = await startUpstream()
    const options = `otlp_endpoint = "${await deadUrl()}"\n batch_size = 1\n queue_size = 3`
    await using gateway = await startGateway(config(upstream.url, tracing(options)))

    for (let i = 0; i < 5; i++) {
      const { status } = await gateway.request('/')
      expect(status).toBe(200)
    }

    const exporter = tracingOf(gateway.gateway)?.exporter
    await vi.waitFor(() => expect(exporter?.lost['queue_full']).toBe(6))
    const told = gateway.logs.entries.filter(
      ({ msg }) => msg === 'spans do not reach the collector',
    )
    expect(told).toHaveLength(1)
  })
})
