import { createTestGateway, hcl } from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin from '../src/index.js'

const config = hcl`
  middlewares "tested" {
    type    = "my-plugin"
    methods = ["GET"]
    note    = "good day"
  }
`

it('marks responses with the note', async () => {
  await using gw = await createTestGateway({ plugins: [plugin], config })

  const response = await gw.inject('/')

  expect(response.status).toBe(200)
  expect(response.headers['x-my-plugin']).toBe('good day')
})

it('answers other methods with 405 and does not ask the service', async () => {
  await using gw = await createTestGateway({ plugins: [plugin], config })

  const response = await gw.inject({ method: 'DELETE' })

  expect(response.status).toBe(405)
  expect(response.headers.allow).toBe('GET')
  expect(response.error?.code).toBe('GW_MY_PLUGIN_METHOD')
  expect(gw.upstream.calls).toHaveLength(0)
})
