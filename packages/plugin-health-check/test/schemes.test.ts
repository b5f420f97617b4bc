import { definePlugin, GatewayResponse, type Plugin } from '@gatewright/kernel'
import { poolFile, startGateway, startUpstream, type TestGateway } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'

describe('servers by the scheme of their URL', () => {
  it('are asked with plain requests if they are for WebSockets', async () => {
    await using upstream = await startUpstream()
    await using _ = await start([upstream.url.replace('http', 'ws')], 'path = "/up"')

    expect((await upstream.nextRequest()).target).toBe('/up')
  })

  it('are not taken if they speak something else than what they are to be asked in', async () => {
    const odd = `gopher://127.0.0.1:70`
    const gopher = definePlugin({
      name: 'gopher',
      setup: ({ transports }) =>
        transports.register({
          type: 'gopher',
          schemes: ['gopher'],
          schema: { type: 'object', additionalProperties: false, properties: {} },
          create: () => ({ send: () => new GatewayResponse({ status: 200 }) }),
        }),
    })

    await expect(start([odd], 'path = "/up"', [gopher])).rejects.toMatchObject({
      problems: [{ code: 'GW_HEALTH_CHECK_NOT_HTTP', hint: expect.stringContaining('tcp') }],
    })
    await using gateway = await start([odd], 'mode = "tcp"', [gopher])
    expect((await gateway.request('/')).status).toBe(200)
  })
})

function start(
  urls: readonly string[],
  check: string,
  plugins: readonly Plugin[] = [],
): Promise<TestGateway> {
  const balancing = `health_check {\ninterval = "20ms"\n${check}\n}`
  return startGateway(poolFile(urls, { balancing }), { plugins })
}
