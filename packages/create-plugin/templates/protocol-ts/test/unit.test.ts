import { createTestGateway, hcl } from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin from '../src/index.ts'

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
