/** A test file as somebody writes it who uses `node:test`. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createTestGateway, fakeUpstream, hcl, runPluginContract } from '../../src/index.ts'
import { good, goodContract } from '../contract/good-plugin.ts'

void it('answers', async () => {
  const api = fakeUpstream.http({ status: 201, body: 'made' })
  await using gw = await createTestGateway({
    plugins: [good],
    config: hcl`
      middlewares "few" {
        type  = "quota"
        limit = 3
      }
    `,
    upstreams: { api },
  })

  const response = await gw.inject({ method: 'POST', url: '/users', body: 'sent' })

  assert.equal(response.status, 201)
  assert.equal(response.headers['x-limit'], '3')
  assert.equal(api.calls[0]?.text, 'sent')
})

await runPluginContract(good, {
  ...goodContract,
  ...(process.argv.includes('--broken') && { packageJson: {} }),
})
