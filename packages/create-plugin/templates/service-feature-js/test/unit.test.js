import { createTestGateway, fakeUpstream, hcl } from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin from '../src/index.js'

it('names the server that has answered', async () => {
  const app = fakeUpstream.memory(200)
  await using gw = await createTestGateway({
    plugins: [plugin],
    config: hcl`
      services "app" {
        my_plugin {
          header = "x-server"
        }
      }
    `,
    upstreams: { app },
  })

  const response = await gw.inject()

  expect(response.headers['x-server']).toBe(new URL(app.url).host)
})
