import { gatewayFile, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'

describe('strip-prefix in a gateway', () => {
  it('hides where the service is mounted', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url))

    await gateway.request('/api/users?page=2')

    const [request] = upstream.requests
    expect(request?.target).toBe('/users?page=2')
    expect(request?.headers['x-forwarded-prefix']).toBe('/api')
  })

  it('does not pass on a prefix that a client made up', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url))

    await gateway.request('/api/users', { headers: { 'X-Forwarded-Prefix': '/evil' } })

    expect(upstream.requests[0]?.headers['x-forwarded-prefix']).toBe('/api')
  })

  it('answers a path that would leave the service with a problem document', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url))

    const response = await gateway.request('/api../admin')

    expect(response.status).toBe(400)
    expect(response.json()).toMatchObject({ code: 'GW_STRIP_PREFIX_UNSAFE_PATH' })
    expect(upstream.requests).toHaveLength(0)
  })
})

function configOf(url: string): string {
  const rule = 'PathPrefix(`/api`)'
  return gatewayFile(url, 'type = "strip-prefix"\n prefixes = ["/api"]', { rule })
}
