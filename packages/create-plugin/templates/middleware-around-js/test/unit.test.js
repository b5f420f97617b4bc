import { createTestGateway, hcl } from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin from '../src/index.js'

const config = (max) => hcl`
  middlewares "tested" {
    type = "my-plugin"
    max  = ${max}
  }
`

it('lets as many requests wait as it says', async () => {
  await using gw = await createTestGateway({ plugins: [plugin], config: config(1) })
  const answer = Promise.withResolvers()
  gw.upstream.behave(() => answer.promise)

  const waiting = gw.inject()
  const refused = await gw.inject()
  answer.resolve(200)

  expect(refused.status).toBe(503)
  expect(refused.error?.code).toBe('GW_MY_PLUGIN_FULL')
  expect((await waiting).status).toBe(200)
})

it('takes the next request once one has its response', async () => {
  await using gw = await createTestGateway({ plugins: [plugin], config: config(1) })

  const first = await gw.inject()
  const second = await gw.inject()

  expect([first.status, second.status]).toEqual([200, 200])
})

it('still counts after a reload', async () => {
  await using gw = await createTestGateway({ plugins: [plugin], config: config(2) })
  const answer = Promise.withResolvers()
  gw.upstream.behave(() => answer.promise)

  const waiting = gw.inject()
  await gw.reload(config(1))
  const refused = await gw.inject()
  answer.resolve(200)
  await waiting

  expect(refused.status).toBe(503)
})
