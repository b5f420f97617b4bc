import { reply, startUpstream, type TestGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { processesOf, statusOf, trafficOf } from '../src/index.ts'
import { start } from './support/management.ts'

describe('what goes through the gateway', () => {
  it('is told with latencies where there are metrics', async () => {
    await using upstream = await startUpstream(reply(500))
    await using gateway = await start({ server: upstream.url, blocks: 'metrics {}' })
    await gateway.request('/')

    const traffic = await vi.waitFor(async () => {
      const found = await trafficIn(gateway)
      expect(found.total).toMatchObject({ requests: 1 })
      return found
    })

    const counted = { requests: 1, errors: 1, durations: { counts: expect.any(Array) } }
    expect(traffic).toMatchObject({
      counted_by: 'metrics',
      open: { web: expect.any(Number) },
      total: counted,
      routers: [{ name: 'all', service: 'app', ...counted }],
      services: [{ name: 'app', servers: 1, healthy: 1, active: 0, ...counted }],
      servers: [{ service: 'app', url: upstream.url, state: 'up', requests: 1 }],
    })
  })

  it('is told without them, as far as the block counts', async () => {
    await using upstream = await startUpstream(reply(404))
    await using gateway = await start({ server: upstream.url })
    await gateway.request('/')

    const traffic = await vi.waitFor(async () => {
      const found = await trafficIn(gateway)
      expect(found.total).toMatchObject({ requests: 1 })
      return found
    })

    const { running } = gateway.gateway
    expect(traffic).toMatchObject({
      counted_by: 'management',
      total: { durations: null },
      routers: [{ name: 'all', requests: 1, errors: 1, durations: null }],
      services: [{ name: 'app', requests: null }],
      servers: [{ url: upstream.url, requests: null }],
    })
    expect(await statusOf(running, await processesOf(running))).toMatchObject({
      health: { total_requests: 1, entrypoints: [{ open_connections: expect.any(Number) }] },
      routes: [{ name: 'all', requests_total: 1, errors_total: 1 }],
    })
  })
})

async function trafficIn({ gateway }: TestGateway): ReturnType<typeof trafficOf> {
  const { running } = gateway
  return await trafficOf(running, await processesOf(running))
}
