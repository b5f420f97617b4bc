import { definePlugin, type Plugin } from '@gatewright/kernel'
import { after, deadUrl, reply, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { startBehind } from './behind.ts'
import { respond, startHttp2Upstream } from './upstream-http2/http2-upstream.ts'

/** What an attempt says of its waiting. */
type Waits = readonly [waitedMs: number, connectMs: number]

describe('an attempt', () => {
  it('waits for a connection that is made for it, and not for one that is there', async () => {
    const told: Waits[] = []
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, { plugins: [telling(told)] })

    await gateway.request('/')
    await gateway.request('/')

    expect(told).toEqual([connected(), [0, 0]])
  })

  it('waits for the request ahead of it without anything being made', async () => {
    const told: Waits[] = []
    const gate = Promise.withResolvers<void>()
    await using upstream = await startUpstream(after(() => gate.promise, reply()))
    await using gateway = await startBehind(upstream, {
      plugins: [telling(told)],
      balancer: { max_connections_per_server: 1 },
    })

    const first = gateway.request('/')
    await upstream.nextRequest()
    const second = gateway.request('/')
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(2))
    gate.resolve()
    await Promise.all([first, second])

    expect(told).toEqual([connected(), [expect.toSatisfy((ms: number) => ms > 0), 0]])
  })

  it('waits for the one connection of HTTP/2', async () => {
    const told: Waits[] = []
    await using upstream = await startHttp2Upstream(respond('hello'))
    await using gateway = await startBehind(upstream, { plugins: [telling(told)] })

    await gateway.request('/')
    await gateway.request('/')

    expect(told).toEqual([connected(), [0, 0]])
  })

  it('waits for a connection that is never made', async () => {
    const told: Waits[] = []
    await using gateway = await startBehind({ url: await deadUrl() }, { plugins: [telling(told)] })

    expect((await gateway.request('/')).status).toBe(502)

    expect(told).toEqual([connected()])
  })
})

/** A part of the waiting was for the connection. */
function connected(): unknown {
  return expect.toSatisfy(
    ([waitedMs, connectMs]: Waits) => waitedMs > 0 && connectMs > 0 && connectMs <= waitedMs,
  )
}

function telling(told: Waits[]): Plugin {
  return definePlugin({
    name: 'telling',
    setup: ({ hooks }) => {
      hooks.upstreamEnd.tap('telling', (_exchange, { waitedMs, connectMs }) => {
        told.push([waitedMs, connectMs])
      })
    },
  })
}
