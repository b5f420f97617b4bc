import { gatewayFile, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'

const options = 'type = "redirect"\n scheme = "https"'
const entrypoint = 'forwarded_headers { trusted_ips = ["127.0.0.1"] }'
const behindTls = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'shop.example' }

describe('redirect in a gateway', () => {
  it('believes a trusted proxy that the client uses TLS, and which host it asked for', async () => {
    await using upstream = await startUpstream()
    const file = gatewayFile(upstream.url, options, { entrypoint })
    await using gateway = await startGateway(file)

    const encrypted = await gateway.request('/cart', { headers: behindTls })
    const plain = await gateway.request('/cart?a=1', {
      headers: { ...behindTls, 'X-Forwarded-Proto': 'http' },
    })

    expect([encrypted.status, plain.status]).toEqual([200, 307])
    expect(plain.headers['location']).toBe('https://shop.example/cart?a=1')
    expect(plain.headers['content-length']).toBe('0')
  })

  it.each([
    { said: 'Shop.example:8443, inner.example', location: 'https://shop.example/cart' },
    { said: 'shop.example/evil', location: undefined },
    { said: 'a b', location: undefined },
  ])('goes where "$said" leads: $location', async ({ said, location }) => {
    await using upstream = await startUpstream()
    const file = gatewayFile(upstream.url, options, { entrypoint })
    await using gateway = await startGateway(file)

    const headers = { 'X-Forwarded-Proto': 'http', 'X-Forwarded-Host': said }
    const response = await gateway.request('/cart', { headers })

    expect(response.status).toBe(location === undefined ? 400 : 307)
    expect(response.headers['location']).toBe(location)
  })

  it('does not believe anybody else', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(gatewayFile(upstream.url, options))

    const response = await gateway.request('/cart', {
      headers: { ...behindTls, Host: 'a.example' },
    })

    expect(response.status).toBe(307)
    expect(response.headers['location']).toBe('https://a.example/cart')
    expect(upstream.requests).toHaveLength(0)
  })
})
