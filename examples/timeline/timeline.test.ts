import { readFileSync } from 'node:fs'
import { closeBeforeResponse, reply, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'

const file = readFileSync(new URL('gateway.hcl', import.meta.url), 'utf8')
const asked = { 'x-gatewright-trace': '1' }

describe('the example of timelines', () => {
  it('tells of both tries and both middlewares', async () => {
    await using shop = await startUpstream([closeBeforeResponse(), reply(200, {}, 'the shop')])
    const env = { WEB_ADDRESS: '127.0.0.1:0', SHOP_URL: shop.url }
    await using gateway = await startGateway(file, { env })

    const response = await gateway.request('/', { headers: asked })

    expect(response.text).toBe('the shop')
    expect(response.headers['server-timing']).toMatch(
      /^total;.*route;.*middleware\.again\.around;.*upstream\.1;.*GW_UPSTREAM_RESET.*upstream\.2;.*: 200".*middleware\.headers\.onResponse;/,
    )
  })

  it('tells others nothing', async () => {
    await using shop = await startUpstream()
    const env = { WEB_ADDRESS: '127.0.0.1:0', SHOP_URL: shop.url, DEVELOPERS: '10.0.0.0/8' }
    await using gateway = await startGateway(file, { env })

    const response = await gateway.request('/', { headers: asked })

    expect(response.headers).not.toHaveProperty('server-timing')
  })
})
