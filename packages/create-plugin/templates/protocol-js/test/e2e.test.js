import { chunked, createTestGateway, fakeUpstream } from '@gatewright/testing'
import { expect, it } from 'vitest'

const config = new URL('../examples/gateway.hcl', import.meta.url)

it('works in a gateway that loads it from a configuration', async () => {
  const app = fakeUpstream.http({ body: 'from upstream' })
  await using gw = await createTestGateway({ config, upstreams: { app } })
  using client = await gw.tcp('lines')

  await client.send('/users/7\r\n')

  expect(String(await client.readToEnd())).toBe('from upstream')
  expect(app.calls[0]?.target).toBe('/users/7')
})

it('passes on a body that comes in pieces', async () => {
  const app = fakeUpstream.http(chunked(200, {}, ['one, ', 'two']))
  await using gw = await createTestGateway({ config, upstreams: { app } })
  using client = await gw.tcp('lines')

  await client.send('count\n')

  expect(String(await client.readToEnd())).toBe('one, two')
})
