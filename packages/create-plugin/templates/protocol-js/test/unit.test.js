import { definePlugin, errors } from '@gatewright/kernel'
import { createTestGateway, hcl } from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin from '../src/index.js'

const config = hcl`
  entrypoints "lines" {
    protocol = "my-plugin"
  }
`

it('makes a request of a line', async () => {
  await using gw = await createTestGateway({ plugins: [plugin], config })
  using client = await gw.tcp()

  await client.send('users\n')
  await client.readToEnd()

  expect(gw.upstream.calls).toMatchObject([
    { method: 'GET', target: '/users', authority: 'localhost' },
  ])
})

it('closes the connection of who says too much', async () => {
  await using gw = await createTestGateway({ plugins: [plugin], config })
  using client = await gw.tcp()

  await client.send('x'.repeat(4096))

  expect(await client.closed()).toMatch(/end|reset/)
})

it('answers who comes with a line while the gateway stops', async () => {
  /** @type {PromiseWithResolvers<void>} */
  const { promise: accepted, resolve } = Promise.withResolvers()
  const doorbell = definePlugin({
    name: 'doorbell',
    setup({ hooks }) {
      hooks.connection.tap('doorbell', () => {
        resolve()
        return undefined
      })
    },
  })
  await using gw = await createTestGateway({ plugins: [plugin, doorbell], config })
  using client = await gw.tcp()
  await accepted

  const stopped = gw.gateway.shutdown({ idleMs: 5000 })
  await client.send('users\n')
  await client.readToEnd()
  await stopped

  expect(gw.upstream.calls).toHaveLength(1)
})

it('tells a client that it refuses why', async () => {
  const closed = definePlugin({
    name: 'closed',
    setup({ hooks }) {
      const answer = errors.GW_BAD_REQUEST({ problem: 'not today' })
      hooks.connection.tap('closed', () => ({ reason: 'closed', answer }))
    },
  })
  await using gw = await createTestGateway({ plugins: [plugin, closed], config })
  using client = await gw.tcp()

  expect(String(await client.readToEnd())).toContain('not today')
})
