import { gatewayFile, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { startRedis } from './redis-server.ts'

describe('two gateways that share a limit in Redis', () => {
  it('let pass together exactly what one of them may', async () => {
    await using redis = await startRedis()
    await using upstream = await startUpstream()
    const env = { REDIS_URL: redis.url }
    const config = configOf(upstream.url)
    await using one = await startGateway(config, { env })
    await using two = await startGateway(config, { env })
    const gateways = [one, two]
    for (const gateway of gateways) {
      await vi.waitFor(
        async () => {
          const ready = await gateway.request('/ready', { headers: { 'X-Tenant': 'probe' } })
          expect(ready.status).toBe(200)
        },
        { timeout: 20_000 },
      )
    }

    const responses = await Promise.all(
      Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? one : two).request('/')),
    )

    expect(responses.filter(({ status }) => status === 200)).toHaveLength(20)
    expect(responses.filter(({ status }) => status === 429)).toHaveLength(40)
    expect(upstream.requests.filter(({ target }) => target === '/')).toHaveLength(20)
  })
})

function configOf(url: string): string {
  return gatewayFile(
    url,
    `type       = "rate-limit-redis"
     redis_url  = env("REDIS_URL")
     rate       = 20
     period     = "1h"
     key        = "header:X-Tenant"
     timeout    = "5s"
     on_failure = "closed"`,
  )
}
