import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempDisposable, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deadUrl, gatewayFile, hang, reply, startGateway, startUpstream } from '@gatewright/testing'
import { SignJWT } from 'jose'
import { describe, expect, it, vi } from 'vitest'

const first = generateKeyPairSync('ed25519')
const second = generateKeyPairSync('ec', { namedCurve: 'P-256' })

describe('jwt in a gateway', () => {
  it('takes tokens of the keys behind a URL, and new keys as soon as a token names one', async () => {
    let keys = [jwk(first.publicKey, 'first')]
    await using keyServer = await startUpstream(() => reply(200, {}, JSON.stringify({ keys })))
    await using upstream = await startUpstream()
    const options = `jwks_url = "${keyServer.url}/jwks"\njwks_cooldown = "1ms"`
    await using gateway = await startGateway(configOf(upstream.url, options))
    const old = await bearer('EdDSA', first.privateKey, 'first')
    const before = await gateway.request('/', { headers: old })

    keys = [jwk(second.publicKey, 'second')]
    const fresh = await bearer('ES256', second.privateKey, 'second')
    await vi.waitFor(async () => {
      const { status } = await gateway.request('/', { headers: fresh })
      expect(status).toBe(200)
    })
    const after = await gateway.request('/', { headers: old })

    expect([before.status, after.status]).toEqual([200, 401])
    expect(keyServer.requests[0]?.target).toBe('/jwks')
  })

  it('asks for an unknown key once per cool-down, however many tokens name it', async () => {
    const keys = [jwk(first.publicKey, 'first')]
    await using keyServer = await startUpstream(() => reply(200, {}, JSON.stringify({ keys })))
    await using upstream = await startUpstream()
    const options = `jwks_url = "${keyServer.url}"\njwks_cooldown = "1h"`
    await using gateway = await startGateway(configOf(upstream.url, options))
    const good = await bearer('EdDSA', first.privateKey, 'first')
    await gateway.request('/', { headers: good })

    const unknown = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (kid) =>
        gateway.request('/', { headers: await bearer('EdDSA', first.privateKey, kid) }),
      ),
    )

    expect(unknown.map(({ status }) => status)).toEqual([401, 401, 401, 401])
    expect(keyServer.requests).toHaveLength(1)
  })

  it('keeps the key set, and does not fetch it again, over a reload', async () => {
    const keys = [jwk(first.publicKey, 'first')]
    await using keyServer = await startUpstream(() => reply(200, {}, JSON.stringify({ keys })))
    await using upstream = await startUpstream()
    const options = `jwks_url = "${keyServer.url}"`
    await using gateway = await startGateway(configOf(upstream.url, options))
    const headers = await bearer('EdDSA', first.privateKey, 'first')
    await gateway.request('/', { headers })

    await gateway.reload(configOf(upstream.url, `${options}\nissuers = ["nobody"]`))
    const refused = await gateway.request('/', { headers })
    await gateway.reload(configOf(upstream.url, options))
    const passed = await gateway.request('/', { headers })

    expect([refused.status, passed.status]).toEqual([401, 200])
    expect(keyServer.requests).toHaveLength(1)
  })

  it.each([
    { what: 'an error', answer: reply(500) },
    { what: 'a redirect', answer: reply(302, { location: 'http://127.0.0.1:1/' }) },
    { what: 'more than a mebibyte', answer: reply(200, {}, ' '.repeat(1_100_000)) },
    { what: 'no JSON', answer: reply(200, {}, '<html>') },
    { what: 'no usable key', answer: reply(200, {}, '{"keys":[{"kty":"oct","k":"AAAA"}]}') },
  ])('keeps the last good keys when the key server answers with $what', async ({ answer }) => {
    const keys = [jwk(first.publicKey, 'first')]
    let next = reply(200, {}, JSON.stringify({ keys }))
    await using keyServer = await startUpstream(() => next)
    await using upstream = await startUpstream()
    const options = `jwks_url = "${keyServer.url}"\njwks_cooldown = "1ms"`
    await using gateway = await startGateway(configOf(upstream.url, options))
    const good = await bearer('EdDSA', first.privateKey, 'first')
    await gateway.request('/', { headers: good })

    next = answer
    await vi.waitFor(async () => {
      await gateway.request('/', { headers: await bearer('EdDSA', first.privateKey, 'other') })
      expect(keyServer.requests.length).toBeGreaterThan(1)
    })
    // Another token than before, since that one is remembered.
    const again = await bearer('EdDSA', first.privateKey, 'first', 'other')
    const response = await gateway.request('/', { headers: again })

    expect(response.status).toBe(200)
  })

  it('answers 503 as long as there have been no keys', async () => {
    await using upstream = await startUpstream()
    const options = `jwks_url = "${await deadUrl()}"`
    await using gateway = await startGateway(configOf(upstream.url, options))

    const headers = await bearer('EdDSA', first.privateKey, 'first')
    const response = await gateway.request('/', { headers })

    expect(response.status).toBe(503)
    expect(response.headers['retry-after']).toBe('1')
    expect(response.json()).toMatchObject({ code: 'GW_JWT_KEYS_UNAVAILABLE' })
    expect(upstream.requests).toHaveLength(0)
  })

  it('answers 503 when the key server does not answer in time', async () => {
    await using keyServer = await startUpstream(hang())
    await using upstream = await startUpstream()
    const options = `jwks_url = "${keyServer.url}"\njwks_timeout = "20ms"`
    await using gateway = await startGateway(configOf(upstream.url, options))

    const headers = await bearer('EdDSA', first.privateKey, 'first')
    const response = await gateway.request('/', { headers })

    expect(response.status).toBe(503)
  })

  it('follows a file with keys', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'gatewright-jwt-'))
    const path = join(folder.path, 'jwks.json')
    await writeFile(path, JSON.stringify({ keys: [jwk(first.publicKey, 'first')] }))
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url, `jwks_file = "${path}"`))
    const old = await bearer('EdDSA', first.privateKey, 'first')
    const before = await gateway.request('/', { headers: old })

    await writeFile(`${path}.new`, JSON.stringify({ keys: [jwk(second.publicKey, 'second')] }))
    await rename(`${path}.new`, path)

    await vi.waitFor(
      async () => {
        const { status } = await gateway.request('/', { headers: old })
        expect(status).toBe(401)
      },
      { timeout: 15_000 },
    )
    const headers = await bearer('ES256', second.privateKey, 'second')
    const after = await gateway.request('/', { headers })
    expect([before.status, after.status]).toEqual([200, 200])
  }, 20_000)

  it('reads a public key from a file', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'gatewright-jwt-'))
    const path = join(folder.path, 'key.pem')
    await writeFile(path, first.publicKey.export({ format: 'pem', type: 'spki' }))
    await using upstream = await startUpstream()
    await using gateway = await startGateway(
      configOf(upstream.url, `public_key_files = ["${path}"]`),
    )

    const headers = await bearer('EdDSA', first.privateKey, 'whatever')
    const response = await gateway.request('/', { headers })

    expect(response.status).toBe(200)
    expect(upstream.requests[0]?.headers['x-jwt-subject']).toBe('user-123')
  })
})

function bearer(
  alg: string,
  key: KeyObject,
  kid: string,
  sub = 'user-123',
): Promise<Record<string, string>> {
  return new SignJWT({ sub, exp: 4_102_444_800 })
    .setProtectedHeader({ alg, kid })
    .sign(key)
    .then((token) => ({ authorization: `Bearer ${token}` }))
}

function jwk(key: KeyObject, kid: string): object {
  return { ...key.export({ format: 'jwk' }), kid, use: 'sig' }
}

function configOf(url: string, options: string): string {
  return gatewayFile(url, `type = "jwt"\n ${options}`)
}
