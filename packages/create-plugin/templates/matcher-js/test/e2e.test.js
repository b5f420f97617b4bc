import { createTestGateway, fakeUpstream } from '@gatewright/testing'
import { expect, it } from 'vitest'

const config = new URL('../examples/gateway.hcl', import.meta.url)

it('works in a gateway that loads it from a configuration', async () => {
  const app = fakeUpstream.http({ body: 'from the app' })
  const beta = fakeUpstream.http({ body: 'from the beta' })
  await using gw = await createTestGateway({ config, upstreams: { app, beta } })

  const plain = await gw.fetch('/')
  const nightly = await gw.fetch('/', { headers: { 'x-client': 'nightly' } })

  expect(await plain.text()).toBe('from the app')
  expect(await nightly.text()).toBe('from the beta')
})
