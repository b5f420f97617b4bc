import { createTestGateway, fakeUpstream } from '@gatewright/testing'
import { expect, it } from 'vitest'

const config = new URL('../examples/gateway.hcl', import.meta.url)

it('works in a gateway that loads it from a configuration', async () => {
  const app = [fakeUpstream.http({ body: 'first' }), fakeUpstream.http({ body: 'second' })]
  await using gw = await createTestGateway({ config, upstreams: { app } })

  const one = await gw.fetch('/')
  const another = await gw.fetch('/')

  expect([await one.text(), await another.text()]).toEqual(['first', 'first'])
})
