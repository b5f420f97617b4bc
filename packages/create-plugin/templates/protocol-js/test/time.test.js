import { definePlugin } from '@gatewright/kernel'
import { createTestGateway, hcl } from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin from '../src/index.js'

/** @import { Exchange } from '@gatewright/kernel' */

const config = hcl`
  entrypoints "lines" {
    protocol = "my-plugin"
    patience = "60s"
  }
`

it.each([0, 5000])('answers a line under way when it stops, with %i ms', async (idleMs) => {
  const { accepted, observer } = observed()
  await using gw = await createTestGateway({ plugins: [plugin, observer], config, clock: 'fake' })
  using client = await gw.tcp()
  await accepted

  const stopped = gw.gateway.shutdown({ idleMs })
  await client.send('users\n')
  await client.readToEnd()
  await stopped

  expect(gw.upstream.calls).toHaveLength(1)
})

it('does not wait long for a line when it stops', async () => {
  const { accepted, observer } = observed()
  await using gw = await createTestGateway({ plugins: [plugin, observer], config, clock: 'fake' })
  using client = await gw.tcp()
  await accepted

  const stopped = gw.gateway.shutdown()
  await gw.clock.advance('1s')
  await stopped

  expect(await client.closed()).toMatch(/end|reset/)
})

it('has one time limit for the whole line, however often something comes', async () => {
  const { accepted, observer } = observed()
  await using gw = await createTestGateway({ plugins: [plugin, observer], config, clock: 'fake' })
  using client = await gw.tcp()
  await accepted

  await client.send('us')
  await gw.clock.advance('50s')
  await client.send('ers')
  await gw.clock.advance('11s')

  expect(await client.closed()).toMatch(/end|reset/)
})

it('gives up a client that does not take its answer', async () => {
  const { finished, observer } = observed()
  await using gw = await createTestGateway({ plugins: [plugin, observer], config, clock: 'fake' })
  // More than the buffers on the way hold.
  gw.upstream.behave({ body: 'x'.repeat(32 * 1024 * 1024) })
  using client = await gw.tcp()
  client.pause()

  await client.send('users\n')
  await gw.upstream.waitForCalls(1)
  await gw.clock.advance('61s')

  expect((await finished).abortedBy).toMatchObject({ code: 'GW_CLIENT_ABORTED' })
})

it('lets a service take its time', async () => {
  await using gw = await createTestGateway({ plugins: [plugin], config, clock: 'fake' })
  /** @type {PromiseWithResolvers<void>} */
  const { promise: worked, resolve: work } = Promise.withResolvers()
  gw.upstream.behave(async () => {
    await worked
    return { body: 'at last' }
  })
  using client = await gw.tcp()

  await client.send('users\n')
  await gw.upstream.waitForCalls(1)
  await gw.clock.advance('61s')
  work()

  expect(String(await client.readToEnd())).toBe('at last')
})

/** A plugin that tells when a client was let in, and when its request was over. */
function observed() {
  /** @type {PromiseWithResolvers<void>} */
  const accepted = Promise.withResolvers()
  /** @type {PromiseWithResolvers<Exchange>} */
  const finished = Promise.withResolvers()
  const observer = definePlugin({
    name: 'observer',
    setup({ hooks }) {
      hooks.connection.tap('observer', () => {
        accepted.resolve()
        return undefined
      })
      hooks.finish.tap('observer', finished.resolve)
    },
  })
  return { accepted: accepted.promise, finished: finished.promise, observer }
}
