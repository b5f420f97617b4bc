import { gatewayFile, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'

describe('rate-limit in a gateway', () => {
  it('answers what is too much with 429 and when to come back', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url, 'client_ip'))
    await gateway.request('/')

    const response = await gateway.request('/')

    expect(response.status).toBe(429)
    expect(response.headers['retry-after']).toBe('3600')
    expect(response.headers['ratelimit-limit']).toBe('1')
    expect(response.headers['ratelimit-remaining']).toBe('0')
    expect(response.json()).toMatchObject({ code: 'GW_RATE_LIMIT_EXCEEDED' })
    expect(upstream.requests).toHaveLength(1)
  })

  it('does not believe a client that says it is somebody else', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url, 'client_ip'))
    await gateway.request('/', { headers: { 'X-Forwarded-For': '192.0.2.1' } })

    const response = await gateway.request('/', { headers: { 'X-Forwarded-For': '192.0.2.2' } })

    expect(response.status).toBe(429)
  })

  it('tells the clients of a proxy that is trusted apart', async () => {
    await using upstream = await startUpstream()
    const entrypoint = 'forwarded_headers { trusted_ips = ["127.0.0.1/32"] }'
    await using gateway = await startGateway(configOf(upstream.url, 'client_ip', { entrypoint }))
    await gateway.request('/', { headers: { 'X-Forwarded-For': '192.0.2.1' } })

    const other = await gateway.request('/', { headers: { 'X-Forwarded-For': '192.0.2.2' } })
    const same = await gateway.request('/', { headers: { 'X-Forwarded-For': '192.0.2.1' } })

    expect([other.status, same.status]).toEqual([200, 429])
  })

  it('says nothing of a limit that is to be silent, also behind one that is not', async () => {
    await using upstream = await startUpstream()
    const config = `
      ${configOf(upstream.url, 'global', { rate: 10 }).replace('"tested"]', '"tested", "silent"]')}
      middlewares "silent" {
        type    = "rate-limit"
        rate    = 1
        period  = "2h"
        headers = false
      }
    `
    await using gateway = await startGateway(config)
    const passed = await gateway.request('/')

    const refused = await gateway.request('/')

    expect([passed.status, refused.status]).toEqual([200, 429])
    expect(refused.headers['retry-after']).toBe('7200')
    expect([passed, refused].map(({ headers }) => headers['ratelimit-limit'])).toEqual(['10', '10'])
    expect(refused.headers['ratelimit-remaining']).toBe('8')
  })

  it('gives each of several workers its part of the limit', async () => {
    await using upstream = await startUpstream()
    const config = configOf(upstream.url, 'global', { rate: 8 })
    await using gateway = await startGateway(config, { share: 1 / 4 })

    const statuses: number[] = []
    for (let i = 0; i < 3; i++) statuses.push((await gateway.request('/')).status)

    expect(statuses).toEqual([200, 200, 429])
  })
})

function configOf(url: string, key: string, { entrypoint = '', rate = 1 } = {}): string {
  return gatewayFile(
    url,
    `type   = "rate-limit"
     rate   = ${rate}
     period = "1h"
     key    = "${key}"`,
    { entrypoint },
  )
}
