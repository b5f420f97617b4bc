import { gatewayFile, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'

describe('headers in a gateway', () => {
  it('change what the upstream and the client see', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(
      configOf(
        upstream.url,
        `request_headers  = { "X-Client" = "{client_ip}", "User-Agent" = "" }
         response_headers = { "X-Service" = "{service}" }
         host_override    = "inner.example"`,
      ),
    )

    const response = await gateway.request('/', { headers: { 'User-Agent': 'test' } })

    const [request] = upstream.requests
    expect(request?.headers).toMatchObject({ 'x-client': '127.0.0.1', host: 'inner.example' })
    expect(request?.headers).not.toHaveProperty('user-agent')
    expect(response.headers['x-service']).toBe('app')
  })

  it('let no client claim under skip_paths what they say elsewhere', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(
      configOf(
        upstream.url,
        `request_headers        = { "X-Trusted" = "yes", "X-Debug" = "", "Cookie" = "", "X-Forwarded-Proto" = "https" }
         append_request_headers = { "X-Seen" = "gateway" }
         skip_paths             = ["/open"]`,
      ),
    )
    const headers = {
      'X-Trusted': 'yes',
      X_Trusted: 'yes',
      'X-Debug': '1',
      X_DEBUG: '1',
      'X-Seen': 'client',
      Cookie: 'a=1',
    }

    await gateway.request('/open/x', { headers })

    const [request] = upstream.requests
    expect(request?.headers).toMatchObject({
      'x-seen': 'client',
      cookie: 'a=1',
      'x-forwarded-proto': 'http',
    })
    for (const name of ['x-trusted', 'x_trusted', 'x-debug', 'x_debug']) {
      expect(request?.headers).not.toHaveProperty(name)
    }
  })

  it('believe a trusted proxy that the client uses TLS, and take its request id', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(
      configOf(
        upstream.url,
        `hsts_seconds     = 60
         response_headers = { "X-Id" = "{request_id}" }`,
        'forwarded_headers { trusted_ips = ["127.0.0.1"] }',
      ),
    )

    const { headers } = await gateway.request('/', {
      headers: { 'X-Forwarded-Proto': 'https', 'X-Request-Id': 'abc-1' },
    })

    expect(headers).toMatchObject({ 'strict-transport-security': 'max-age=60', 'x-id': 'abc-1' })
  })
})

function configOf(url: string, options: string, entrypoint = ''): string {
  return gatewayFile(url, `type = "headers"\n ${options}`, { entrypoint })
}
