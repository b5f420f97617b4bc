import { createServer } from 'node:net'
import { after, reply, request, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { ask, hclOf, json, start } from './support/management.ts'

describe('a management block', () => {
  it.each([
    ['0.0.0.0:0', '', 'GW_MANAGEMENT_OPEN', 'address'],
    ['[::]:0', '', 'GW_MANAGEMENT_OPEN', 'address'],
    [':0', '', 'GW_MANAGEMENT_OPEN', 'address'],
    ['gateway.internal:9090', '', 'GW_MANAGEMENT_OPEN', 'address'],
    ['127.0.0.1:0', 'allowed_ips = ["10.0.0.0/99"]', 'GW_MANAGEMENT_NETWORK', 'allowed_ips'],
    [
      '127.0.0.1:0',
      'token = "0123456789abcdef"\n admin_token = "0123456789abcdef"',
      'GW_MANAGEMENT_SAME_TOKEN',
      'admin_token',
    ],
    ['127.0.0.1', '', 'GW_CONFIG_ADDRESS', 'address'],
    ['127.0.0.1:0', 'token = "short"', 'GW_CONFIG_RANGE', 'token'],
  ])('is refused at %s with "%s"', async (address, management, code, key) => {
    const starting = start({ address, management })

    await expect(starting).rejects.toMatchObject({
      code: 'GW_CONFIG_INVALID',
      problems: [{ code, path: ['management', key, ...(key === 'allowed_ips' ? [0] : [])] }],
    })
  })

  it.each([
    ['0.0.0.0:0', 'token = "0123456789abcdef"'],
    ['0.0.0.0:0', 'admin_token = "0123456789abcdef"'],
    ['localhost:0', ''],
    ['127.1.2.3:0', ''],
  ])('is taken at %s with "%s"', async (address, management) => {
    await using gateway = await start({ address, management })

    expect(gateway.gateway.addresses.has('management')).toBe(true)
  })

  it('does not listen if it is not enabled, or not there', async () => {
    await using off = await start({ management: 'enabled = false' })
    await using without = await start()
    await without.reload(hclOf({}).replace(/management \{[^}]*\}/, ''))

    expect([...off.gateway.addresses.keys()]).toEqual(['web'])
    expect([...without.gateway.addresses.keys()]).toEqual(['web'])
  })

  it('keeps a gateway from starting if its address is in use', async () => {
    await using taken = await occupied()

    await expect(start({ address: `127.0.0.1:${taken.port}` })).rejects.toMatchObject({
      code: 'GW_ADDRESS_IN_USE',
      option: ['management', 'address'],
    })
  })

  it('keeps a reload from changing anything if its address is in use', async () => {
    await using taken = await occupied()
    await using gateway = await start()
    const port = gateway.port('management')

    const reload = gateway.reload(hclOf({ address: `127.0.0.1:${taken.port}` }))

    await expect(reload).rejects.toMatchObject({ code: 'GW_ADDRESS_IN_USE' })
    expect(gateway.port('management')).toBe(port)
    expect(await json(gateway, '/health')).toMatchObject({
      config: { version: 1, last_error: { code: 'GW_ADDRESS_IN_USE' } },
    })
  })

  it('comes, changes and goes without a request of anybody being lost', async () => {
    const gone = Promise.withResolvers<void>()
    await using upstream = await startUpstream((exchange) =>
      exchange.target === '/slow' ? after(gone.promise, reply(200)) : reply(200),
    )
    const server = upstream.url
    const without = hclOf({ server }).replace(/management \{[^}]*\}/, '')
    await using gateway = await start({ server })
    await gateway.reload(without)
    const slow = gateway.request('/slow')
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(1))

    await gateway.reload(hclOf({ server }))
    const first = await ask(gateway, '/version')
    await gateway.reload(hclOf({ server, management: 'path_prefix = "/ops"' }))
    const port = gateway.port('management')
    const second = await request(`http://127.0.0.1:${port}/ops/version`)
    await gateway.reload(without)
    gone.resolve()

    expect([first.status, second.status, (await slow).status]).toEqual([200, 200, 200])
    await vi.waitFor(() =>
      expect(request(`http://127.0.0.1:${port}/ops/version`)).rejects.toThrow('ECONNREFUSED'),
    )
  })

  it('takes new tokens from a reload at once, on the connections that are open', async () => {
    const [before, now] = ['token = "before-before-before"', 'token = "now-now-now-now-now"']
    await using gateway = await start({ management: before })
    using client = await gateway.connect('management')

    await client.send(asking('before-before-before'))
    const first = await client.readResponse()
    await gateway.reload(hclOf({ management: now }))
    await client.send(asking('before-before-before'))
    const second = await client.readResponse()
    await client.send(asking('now-now-now-now-now'))
    const third = await client.readResponse()

    expect([first.status, second.status, third.status]).toEqual([200, 401, 200])
  })
})

function asking(token: string): string {
  return `GET /api/gateway/version HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`
}

async function occupied(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
