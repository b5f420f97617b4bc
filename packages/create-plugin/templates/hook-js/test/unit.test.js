import { createTestGateway } from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin from '../src/index.js'

it('tells clients how long their request has taken', async () => {
  await using gw = await createTestGateway({ plugins: [{ plugin, options: {} }] })

  const response = await gw.inject()

  expect(response.headers['server-timing']).toMatch(/^gateway;dur=\d+\.\d$/)
})

it('tells the log of slow requests', async () => {
  await using gw = await createTestGateway({ plugins: [{ plugin, options: { slow: 0 } }] })

  await gw.inject()

  expect(gw.logs.find({ msg: 'slow request' })).toMatchObject([
    { plugin: 'gatewright-plugin-my-plugin', router: 'all', client: '127.0.0.1' },
  ])
})

it('does not mention the others', async () => {
  await using gw = await createTestGateway({ plugins: [{ plugin, options: { slow: '1h' } }] })

  await gw.inject()

  expect(gw.logs.find({ msg: 'slow request' })).toEqual([])
})
