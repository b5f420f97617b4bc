import { definePlugin, type Plugin } from '@gatewright/kernel'
import type { RawClient, TestGateway } from '@gatewright/testing'
import { expect } from 'vitest'

/** Lets clients switch to the protocol `chat`. */
export const chat: Plugin<undefined> = definePlugin({
  name: 'chat',
  setup: ({ upgrades }) => upgrades.register({ type: 'chat', begin: () => undefined }),
})

/** A request to switch to it. */
export const ask =
  'GET /room HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, X-Own\r\nX-Own: 1\r\nUpgrade: Chat\r\n\r\n'

/** A client whose connection has switched. */
export async function switched(gateway: TestGateway): Promise<RawClient> {
  const client = await gateway.connect()
  await client.send(ask)
  expect((await client.readResponse()).status).toBe(101)
  return client
}
