import { gatewayFile, startGateway, startUpstream } from '@gatewright/testing'
import { expect, it } from 'vitest'

it('a gateway refuses a reload with a URL of no use, and goes on', async () => {
  await using upstream = await startUpstream()
  const configOf = (url: string): string =>
    gatewayFile(upstream.url, `type = "rate-limit-redis"\n rate = 5\n redis_url = "${url}"`)
  await using gateway = await startGateway(configOf('unix:///nonexistent/redis.sock'))
  const before = await gateway.request('/')

  for (const url of ['redis://127.0.0.1:6379/abc', 'unix://relative', 'redis://u:p%zz@h/0']) {
    await expect(gateway.reload(configOf(url))).rejects.toThrow('this URL cannot be used')
  }
  const after = await gateway.request('/')

  expect([before.status, after.status]).toEqual([200, 200])
})
