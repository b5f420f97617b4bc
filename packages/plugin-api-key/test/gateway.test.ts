import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gatewayFile, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'

describe('api-key in a gateway', () => {
  it('tells the upstream who the client is, and not how it proved it', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url))

    const headers = { 'X-Api-Key': 'secret', 'X-Consumer-Name': 'admin' }
    const response = await gateway.request('/users', { headers })

    expect(response.status).toBe(200)
    const [request] = upstream.requests
    expect(request?.headerValues('x-consumer-name')).toEqual(['acme'])
    expect(request?.headerValues('x-api-key')).toEqual([])
  })

  it.each([
    { path: '/key/public', status: 200, told: [[]] },
    { path: '/key/public/prices', status: 200, told: [[]] },
    { path: '/key/publicity', status: 401, told: [] },
    { path: '/key', status: 401, told: [] },
  ])('asks for no key under skip_paths, and takes no word for it: $path', async (expected) => {
    await using upstream = await startUpstream()
    const skips = 'skip_paths = ["/key/public"]'
    await using gateway = await startGateway(configOf(upstream.url, skips))

    const headers = { 'X-Consumer-Name': 'admin' }
    const response = await gateway.request(expected.path, { headers })

    expect(response.status).toBe(expected.status)
    const told = upstream.requests.map((request) => request.headerValues('x-consumer-name'))
    expect(told).toEqual(expected.told)
  })

  it('tells the upstream no other name that a client sends behind its body', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url))

    await gateway.request('/users', {
      method: 'POST',
      headers: { 'X-Api-Key': 'secret', te: 'trailers' },
      body: ['content'],
      trailers: {
        'X-Consumer-Name': 'admin',
        X_Consumer_Name: 'admin',
        'X-Api-Key': 'other',
        'X-Checksum': 'abc',
      },
    })

    expect(upstream.requests[0]?.trailers).toEqual({ 'x-checksum': 'abc' })
  })

  it('takes a change of something else while its file is broken, and follows it again', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'gatewright-api-key-'))
    const path = join(folder.path, 'keys')
    await writeFile(path, 'a-good-key-of-acme acme\n')
    await using upstream = await startUpstream()
    const file = `keys_file = "${path}"`
    await using gateway = await startGateway(gatewayFile(upstream.url, blockOf(file)))
    const status = async (key: string): Promise<number> =>
      (await gateway.request('/open', { headers: { 'X-API-Key': key } })).status
    const before = [await status('a-good-key-of-acme'), await status('')]

    await writeFile(path, '')
    await gateway.reload(gatewayFile(upstream.url, blockOf(file, 'realm = "other"')))
    const after = await gateway.request('/')
    const during = [await status('a-good-key-of-acme'), await status('')]
    await writeFile(path, 'another-key-of-acme acme\n')
    await vi.waitFor(async () => expect(await status('another-key-of-acme')).toBe(200), 20_000)

    expect([before, during]).toEqual([
      [200, 401],
      [200, 401],
    ])
    expect(after.headers['www-authenticate']).toBe('ApiKey realm="other"')
    expect(await status('a-good-key-of-acme')).toBe(401)
  })

  it('answers a client without a key with a problem document', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url))

    const response = await gateway.request('/users')

    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toBe('ApiKey realm="gatewright"')
    expect(response.json()).toMatchObject({
      code: 'GW_API_KEY_MISSING',
      error: 'Invalid or missing API key',
    })
    expect(upstream.requests).toHaveLength(0)
  })
})

function blockOf(...options: string[]): string {
  return ['type = "api-key"', ...options].join('\n')
}

function configOf(url: string, keys = ''): string {
  return gatewayFile(url, `type = "api-key"\n consumers = { acme = ["secret"] }\n ${keys}`)
}
