import { once } from 'node:events'
import { connect } from 'node:net'
import { type RawResponse, request } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import {
  adminToken,
  ask,
  askFrom,
  bearer,
  jsonBody,
  readToken,
  start,
} from './support/management.ts'

describe('who may ask', () => {
  it.each([
    ['nothing', {}, 401],
    ['a wrong token', bearer('wrong-wrong-wrong-wrong'), 401],
    ['another scheme', { headers: { authorization: `Basic ${readToken}` } }, 401],
    ['the read token', bearer(readToken), 200],
    ['the admin token', bearer(adminToken), 200],
  ])('is told by the token: with %s', async (_what, init, status) => {
    await using gateway = await start({ token: readToken, adminToken })

    const response = await ask(gateway, '/health', init)

    expect(response.status).toBe(status)
    expect(response.headers['www-authenticate']).toEqual(
      status === 401 ? expect.stringContaining('Bearer') : undefined,
    )
  })

  it.each([
    ['both tokens', { token: readToken, adminToken }, readToken, 403],
    ['both tokens', { token: readToken, adminToken }, adminToken, 501],
    ['a read token alone', { token: readToken }, readToken, 403],
  ])('may reload only with the admin token: %s', async (_what, tokens, shown, status) => {
    await using gateway = await start(tokens)
    const { headers } = bearer(shown)

    const response = await ask(gateway, '/reload', {
      method: 'POST',
      headers: { ...headers, ...jsonBody.headers },
    })

    expect(response.status).toBe(status)
  })

  it('is nobody at another address, with whatever token', async () => {
    await using gateway = await start({ token: readToken })

    const path = '/api/gateway/health'
    const foreign = await askFrom('127.0.0.2', gateway.port('management'), path, readToken)
    const missing = await askFrom('127.0.0.2', gateway.port('management'), '/nope', readToken)

    expect([foreign, missing]).toEqual([403, 404])
    expect(gateway.logs.entries).toContainEqual(
      expect.objectContaining({ msg: 'management request denied', remoteAddress: '127.0.0.2' }),
    )
  })

  it('is not kept out by many who may not ask', async () => {
    await using gateway = await start()
    const port = gateway.port('management')
    const strangers = Array.from({ length: 40 }, () =>
      connect({ host: '127.0.0.1', localAddress: '127.0.0.2', port }).on('error', () => undefined),
    )
    const closed = Promise.all(strangers.slice(8).map((socket) => once(socket, 'close')))
    for (const socket of strangers) socket.resume()

    await closed
    const { status } = await ask(gateway, '/health')
    for (const socket of strangers) socket.destroy()

    expect(status).toBe(200)
  })

  it.each([
    ['evil.example', 403],
    ['evil.example:9090', 403],
    ['localhost:9090', 200],
    ['127.0.0.1', 200],
    ['[::1]:9090', 200],
    ['Gateway.Internal:1', 200],
  ])('must call it by one of its names: %s', async (host, status) => {
    await using gateway = await start({ management: 'hosts = ["gateway.internal"]' })

    expect((await ask(gateway, '/health', { headers: { host } })).status).toBe(status)
  })

  it.each([
    ['text/plain', 415],
    ['application/json', 501],
    ['application/json; charset=utf-8', 501],
  ])('must say that a reload is no form of a page: %s', async (type, status) => {
    await using gateway = await start()
    const headers = { 'content-type': type }

    expect((await ask(gateway, '/reload', { method: 'POST', headers })).status).toBe(status)
  })

  it('is no page of another site', async () => {
    await using gateway = await start()
    const headers = { ...jsonBody.headers, origin: 'https://evil.example' }

    const response = await ask(gateway, '/reload', { method: 'POST', headers })

    expect(response.status).toBe(403)
    expect(response.headers['access-control-allow-origin']).toBeUndefined()
  })

  it('may ask so often, and probes always', async () => {
    await using gateway = await start()
    const burst = (): Promise<RawResponse[]> =>
      Promise.all(Array.from({ length: 60 }, () => ask(gateway, '/version')))

    const limited = await vi.waitFor(async () => {
      const refused = (await burst()).find(({ status }) => status === 429)
      if (refused === undefined) throw new Error('nothing was refused')
      return refused
    })
    const probe = await request(`${gateway.url('management')}/livez`)

    expect(limited.headers['retry-after']).toBe('1')
    expect(probe.status).toBe(200)
  })

  it('may send bodies of 1 MiB', async () => {
    await using gateway = await start()

    const response = await ask(gateway, '/validate', {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: '#'.repeat(1024 * 1024 + 1),
    })

    expect(response.status).toBe(413)
  })
})
