import { definePlugin, errors } from '@gatewright/kernel'
import { createTestGateway, hcl } from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin from '../src/index.js'

/** @import { Exchange } from '@gatewright/kernel' */

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

it.each([
  ['what is a query elsewhere', 'a?b#c d', '/a%3Fb%23c%20d'],
  ['letters beyond ASCII', '\xc3\xa9', '/%C3%A9'],
])('takes %s for a part of the path', async (_what, line, target) => {
  await using gw = await createTestGateway({ plugins: [plugin], config })
  using client = await gw.tcp()

  await client.send(`${line}\n`)
  await client.readToEnd()

  expect(gw.upstream.calls).toMatchObject([{ target }])
})

it('counts what came and what went', async () => {
  /** @type {PromiseWithResolvers<Exchange>} */
  const { promise, resolve } = Promise.withResolvers()
  const counter = definePlugin({
    name: 'counter',
    setup: ({ hooks }) => hooks.finish.tap('counter', resolve),
  })
  await using gw = await createTestGateway({ plugins: [plugin, counter], config })
  gw.upstream.behave({ body: 'hello' })
  using client = await gw.tcp()

  await client.send('users\n')
  await client.readToEnd()

  expect(await promise).toMatchObject({ received: 6, sent: 5 })
})

it.each([
  ['no end', 'x'.repeat(4096)],
  ['an end that comes too late', `${'x'.repeat(6000)}\n`],
])('closes the connection of who says a line with %s', async (_what, line) => {
  await using gw = await createTestGateway({ plugins: [plugin], config })
  using client = await gw.tcp()

  await client.send(line)

  expect(await client.closed()).toMatch(/end|reset/)
  expect(gw.upstream.calls).toHaveLength(0)
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

  expect(String(await client.readToEnd())).toBe('not today\n')
})

it('keeps to itself what is not the fault of the client', async () => {
  const broken = definePlugin({
    name: 'broken',
    setup({ hooks }) {
      const answer = errors.GW_BODY_ABORTED()
      hooks.connection.tap('broken', () => ({ reason: 'broken', answer }))
    },
  })
  await using gw = await createTestGateway({ plugins: [plugin, broken], config })
  using client = await gw.tcp()

  expect(String(await client.readToEnd())).toBe('Bad Gateway\n')
})

it('says in one line that something failed', async () => {
  await using gw = await createTestGateway({ plugins: [plugin], config })
  gw.upstream.behave(new Error('secret of the house'))
  using client = await gw.tcp()

  await client.send('users\n')

  expect(String(await client.readToEnd())).toBe('Bad gateway\n')
})
