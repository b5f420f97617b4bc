import { createTestGateway, fakeUpstream } from '@gatewright/testing'
import { expect, it } from 'vitest'

const config = new URL('../examples/gateway.hcl', import.meta.url)

it('works in a gateway that loads it from a configuration', async () => {
  const app = fakeUpstream.http({ body: 'from upstream' })
  await using gw = await createTestGateway({ config, upstreams: { app } })

  const response = await gw.fetch('/')

  expect(response.status).toBe(200)
  expect(await response.text()).toBe('from upstream')
})
