import {
  closeBeforeResponse,
  createTestGateway,
  fakeUpstream,
  runPluginContract,
  type TestBench,
} from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import plugin from './index.ts'

describe('alerts', () => {
  it('posts together what failed since the last time', async () => {
    const receiver = fakeUpstream.http(204)
    await using gateway = await start(receiver, { every: '1ms' })

    await gateway.inject({ url: '/', method: 'POST' })
    const [call] = await receiver.waitForCalls(1)

    expect(JSON.parse(call?.text ?? '')).toEqual({
      alerts: [{ code: 'GW_UPSTREAM_RESET', problem: expect.any(String), router: 'all' }],
      more: 0,
    })
  })

  it('posts what still waits when the gateway stops, and counts what it had no room for', async () => {
    const receiver = fakeUpstream.http(204)
    const gateway = await start(receiver, { every: '1h', at_most: 1 })
    await gateway.inject({ url: '/', method: 'POST' })
    await gateway.inject({ url: '/', method: 'POST' })

    await gateway.gateway.shutdown()

    expect(JSON.parse(receiver.calls[0]?.text ?? '')).toMatchObject({ alerts: [{}], more: 1 })
    await gateway.close()
  })

  it('says nothing of what clients did wrong', async () => {
    const receiver = fakeUpstream.http(204)
    const gateway = await start(receiver, { every: '1h' })

    await gateway.inject('/nowhere')
    await gateway.gateway.shutdown()

    expect(receiver.calls).toHaveLength(0)
    await gateway.close()
  })

  it('costs nobody a request if nobody takes them', async () => {
    const receiver = fakeUpstream.http(500)
    const gateway = await start(receiver, { every: '1h' })

    const response = await gateway.inject({ url: '/', method: 'POST' })
    await gateway.gateway.shutdown()

    expect(response.status).toBe(502)
    expect(gateway.logs.find({ msg: 'alerts could not be posted' })).toHaveLength(1)
    await gateway.close()
  })

  it('runs from its configuration', async () => {
    const app = fakeUpstream.http({ body: 'fine' })
    const config = new URL('gateway.hcl', import.meta.url)
    await using gateway = await createTestGateway({ config, upstreams: { app } })

    expect(await (await gateway.fetch('/')).text()).toBe('fine')
  })
})

await runPluginContract(plugin, { options: { url: 'http://127.0.0.1:1/' } })

/** A gateway whose service is broken; alerts go to the receiver. */
async function start(
  receiver: ReturnType<typeof fakeUpstream.http>,
  options: { readonly every: string; readonly at_most?: number },
): Promise<TestBench> {
  await receiver.start()
  const config = `
    routers "all" {
      rule    = "PathPrefix(\`/\`) && !Path(\`/nowhere\`)"
      service = "app"
    }
  `
  const app = fakeUpstream.http(closeBeforeResponse())
  const plugins = [{ plugin, options: { url: `${receiver.url}/alerts`, ...options } }]
  // `fetch` keeps its connections for a while.
  return createTestGateway({ plugins, config, upstreams: { app, receiver }, strict: false })
}
