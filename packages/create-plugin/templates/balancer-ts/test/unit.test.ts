import { createTestGateway, fakeUpstream, hcl } from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin from '../src/index.ts'

const config = hcl`
  services "app" {
    load_balancer {
      strategy = "my-plugin"
      fill     = 1
    }
  }
`

it('goes to the first server while it has room', async () => {
  const servers = [fakeUpstream.memory(200), fakeUpstream.memory(200)]
  await using gw = await createTestGateway({
    plugins: [plugin],
    config,
    upstreams: { app: servers },
  })

  await gw.inject()
  await gw.inject()

  expect(servers.map(({ calls }) => calls.length)).toEqual([2, 0])
})

it('goes to the next one once the first is full', async () => {
  const answer = Promise.withResolvers<number>()
  const first = fakeUpstream.memory(() => answer.promise)
  const second = fakeUpstream.memory(200)
  await using gw = await createTestGateway({
    plugins: [plugin],
    config,
    upstreams: { app: [first, second] },
  })

  const waiting = gw.inject()
  await first.waitForCalls(1)
  await gw.inject()
  answer.resolve(200)
  await waiting

  expect(second.calls).toHaveLength(1)
})
