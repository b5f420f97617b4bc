import { definePlugin, errors } from '@gatewright/kernel'
import { startGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { configFor, dial, receive } from './servers.ts'

describe('a gateway that is out of files', () => {
  it('closes the connections of clients, and says so once', async () => {
    await using gateway = await startGateway(configFor(['full://127.0.0.1:1']), {
      plugins: [full],
    })

    for (let i = 0; i < 5; i++) {
      const client = await dial(gateway.port())
      const received = receive(client)
      client.end('hello')
      expect(await received).toMatchObject({ bytes: 0 })
    }

    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
    expect(gateway.logs.find({ code: 'GW_OUT_OF_FILES' })).toMatchObject([
      { level: 'error', msg: 'connection failed', problem: expect.stringContaining('ulimit -n') },
    ])
  })
})

/** Servers to which there is no descriptor left. */
const full = definePlugin({
  name: 'full',
  setup({ transports }) {
    transports.register({
      type: 'full',
      schemes: ['full'],
      schema: { type: 'object', additionalProperties: false, properties: {} },
      create: () => ({
        network: 'tcp',
        maxRetries: 0,
        connect: (_ctx, { endpoint }) => {
          throw errors.GW_OUT_OF_FILES({ endpoint: endpoint.url.href, problem: 'EMFILE' })
        },
      }),
    })
  },
})
