import { definePlugin, type StreamContext } from '@gatewright/kernel'
import { startGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { configFor, deadServer, echo, Peer } from './datagrams.ts'

describe('many sessions that end in all ways', () => {
  it('leave nothing behind: no counts, no sockets', async () => {
    await using server = await Peer.open(echo)
    await using silent = await Peer.open()
    const { url: dead } = await deadServer()
    const config = configFor([server.url, silent.url, dead], {
      entrypoint: { udp_session_timeout_secs: 0.05, udp_responses: 2, udp_max_sessions: 200 },
    })
    const clients = await Promise.all(Array.from({ length: 300 }, () => Peer.open()))
    await using gateway = await startGateway(config)
    const port = gateway.port()

    for (let round = 0; round < 5; round++) {
      const before = answers()
      for (const client of clients) client.send('hello', port)
      await vi.waitFor(() => expect(answers()).toBeGreaterThan(before))
      await gateway.reload({ ...config, priority_order: round % 2 ? 'ascending' : 'descending' })
    }
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0), { timeout: 10_000 })
    const pool = gateway.gateway.snapshot.services.get('app')?.pool
    expect(pool?.all.map(({ active }) => active)).toEqual([0, 0, 0])
    // Those of this test, and the listener.
    await vi.waitFor(() => expect(sockets()).toBe(clients.length + 3))
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()))

    function answers(): number {
      return clients.reduce((sum, { count }) => sum + count, 0)
    }
  })

  it('may be ended by a plugin, with an error or without', async () => {
    const seen: StreamContext[] = []
    const watching = definePlugin({
      name: 'watching',
      setup({ hooks }) {
        hooks.upstream.tap('watching', (exchange) => {
          // Nothing else is configured.
          seen.push(exchange as StreamContext)
        })
      },
    })
    await using server = await Peer.open(echo)
    await using gateway = await startGateway(configFor([server.url]), { plugins: [watching] })
    await using client = await Peer.open()

    for (const error of [undefined, new Error('enough')]) {
      await client.ask('hello', gateway.port())
      seen.at(-1)?.client.write('bye')
      expect(await client.text()).toBe('bye')
      seen.at(-1)?.client.destroy(error)
      await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
    }

    expect(gateway.logs.find({ msg: 'session ended', ending: 'closed' })).toHaveLength(2)
  })
})

/** UDP sockets of this process. */
function sockets(): number {
  return process.getActiveResourcesInfo().filter((type) => type.startsWith('UDP')).length
}
