import { createTestGateway, fakeUpstream, hcl } from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin from '../src/index.js'

const config = hcl`
  routers "beta" {
    rule    = "MyPlugin(\`beta\`, \`nightly\`)"
    service = "beta"
  }
`

it.each(['beta', 'nightly'])('takes requests of the client %s', async (client) => {
  await using gw = await createTestGateway({
    plugins: [plugin],
    config,
    upstreams: { beta: fakeUpstream.memory(200) },
  })

  const response = await gw.inject({ headers: { 'x-client': client } })

  expect(response.status).toBe(200)
})

it.each([{}, { 'x-client': 'other' }])('leaves others alone: %o', async (headers) => {
  await using gw = await createTestGateway({
    plugins: [plugin],
    config,
    upstreams: { beta: fakeUpstream.memory(200) },
  })

  const response = await gw.inject({ headers })

  expect(response.status).toBe(404)
})

it('refuses an empty name, and says where it stands', async () => {
  const gateway = createTestGateway({
    plugins: [plugin],
    config: config.replace('nightly', ''),
    upstreams: { beta: fakeUpstream.memory(200) },
  })

  await expect(gateway).rejects.toThrow('expected the name of a client')
})
