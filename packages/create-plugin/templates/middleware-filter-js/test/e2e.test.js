import { createTestGateway, fakeUpstream } from '@gatewright/testing'
import { expect, it } from 'vitest'

const config = new URL('../examples/gateway.hcl', import.meta.url)

it('works in a gateway that loads it from a configuration', async () => {
  const app = fakeUpstream.http({ body: 'from upstream' })
  await using gw = await createTestGateway({ config, upstreams: { app } })

  const passed = await gw.fetch('/')
  const refused = await gw.fetch('/', { method: 'DELETE' })

  expect(await passed.text()).toBe('from upstream')
  expect(passed.headers.get('x-my-plugin')).toBe('hello from the example')
  expect(refused.status).toBe(405)
})
