import { readFileSync } from 'node:fs'
import { startGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { startCollector, startShop, treeOf } from './servers.ts'

const file = readFileSync(new URL('gateway.hcl', import.meta.url), 'utf8')

describe('the example of tracing', () => {
  it('shows what became of a request, from the client to the server', async () => {
    await using collector = await startCollector(0, () => undefined)
    await using shop = await startShop(0, collector.url)
    const env = {
      WEB_ADDRESS: '127.0.0.1:0',
      COLLECTOR_URL: collector.url,
      SHOP_URL: shop.url,
      BATCH_DELAY: '1ms',
    }
    await using gateway = await startGateway(file, { env })

    const { status, headers } = await gateway.request('/basket', {
      headers: { 'x-api-key': 'let-me-in' },
    })

    expect(status).toBe(200)
    await vi.waitFor(() => {
      const lines = treeOf(collector.spans, String(headers['x-trace-id']))
      expect(lines.map((line) => line.replace(/ {2}[\d.]+ ms$/, '')).toSorted()).toEqual(
        [
          'edge  GET shop  200',
          '  edge  middleware key',
          '  edge  middleware again',
          '  edge  GET  503',
          '    shop  GET /basket  503',
          '  edge  GET  200',
          '    shop  GET /basket  200',
        ].toSorted(),
      )
    })
  })
})
