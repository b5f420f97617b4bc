import { createTestGateway, fakeUpstream, hcl, runPluginContract } from '@gatewright/testing'
import { expect, it } from 'vitest'
import plugin from './index.ts'

const plugins = [plugin]
const config = hcl`
  services "app" {
    load_balancer {
      strategy = "least-errors"
      forget   = "10s"
    }
  }
`

it('leaves a server alone that has failed', async () => {
  const bad = fakeUpstream.memory(503)
  const good = fakeUpstream.memory(200)
  const upstreams = { app: [bad, good] }
  await using gateway = await createTestGateway({ plugins, config, upstreams })

  for (let index = 0; index < 10; index += 1) await gateway.inject()

  expect(bad.calls).toHaveLength(1)
  expect(good.calls).toHaveLength(9)
})

it('has servers take turns that are alike', async () => {
  const servers = [fakeUpstream.memory(200), fakeUpstream.memory(200)]
  await using gateway = await createTestGateway({ plugins, config, upstreams: { app: servers } })

  for (let index = 0; index < 10; index += 1) await gateway.inject()

  expect(servers.map(({ calls }) => calls.length)).toEqual([5, 5])
})

it('gives a server another chance after a while', async () => {
  const bad = fakeUpstream.memory([503, 200])
  const good = fakeUpstream.memory(200)
  await using gateway = await createTestGateway({
    clock: 'fake',
    plugins,
    config,
    upstreams: { app: [bad, good] },
  })

  for (let index = 0; index < 4; index += 1) await gateway.inject()
  const before = bad.calls.length
  await gateway.clock.advance('60s')
  for (let index = 0; index < 4; index += 1) await gateway.inject()

  expect(before).toBe(1)
  expect(bad.calls).toHaveLength(3)
})

it('runs from its configuration', async () => {
  const app = [fakeUpstream.http(200), fakeUpstream.http(200)]
  const file = new URL('gateway.hcl', import.meta.url)
  await using gateway = await createTestGateway({ config: file, upstreams: { app } })

  const response = await gateway.fetch('/')

  expect(response.status).toBe(200)
})

await runPluginContract(plugin, {
  valid: [{}, { forget: '1m' }],
  invalid: [{ forget: 'soon' }],
})
