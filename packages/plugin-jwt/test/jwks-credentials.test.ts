import { inspect } from 'node:util'
import { mountMiddleware, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { jwt } from '../src/index.ts'

describe('fetching a key set', () => {
  it.each([
    { user: 'gate:secret', authorization: basic('gate:secret') },
    { user: 'gate:p%40ss%3Aw%C3%B6rd', authorization: basic('gate:p@ss:w\u00F6rd') },
    { user: 'gate', authorization: basic('gate:') },
    { user: undefined, authorization: undefined },
  ])('sends what the URL has in front of its host: $user', async ({ user, authorization }) => {
    await using keyServer = await startUpstream()
    const url = new URL('/keys', keyServer.url).href
    const jwks_url = user === undefined ? url : url.replace('://', `://${user}@`)
    await using _ = await mountMiddleware(jwt, { jwks_url })

    await vi.waitFor(() => expect(keyServer.requests).toHaveLength(1))

    expect(keyServer.requests[0]?.target).toBe('/keys')
    expect(keyServer.requests[0]?.headers['authorization']).toBe(authorization)
  })

  it.each([
    { jwks_url: 'http://127.0.0.1:99999/x', expected: 'a port up to 65535' },
    { jwks_url: 'http://gate:hunter2@127.0.0.1:99999/x', expected: 'a port up to 65535' },
    { jwks_url: 'http://:80/', expected: 'a URL with a host' },
    { jwks_url: 'http://gate:hunter2%zz@127.0.0.1/', expected: '"%" itself as "%25"' },
    { jwks_url: 'http://u%zz:hunter2@127.0.0.1/', expected: '"%" itself as "%25"' },
    { jwks_url: 'ftp://127.0.0.1/', expected: 'begins with "http://" or "https://"' },
    { jwks_url: 'keys.json', expected: 'begins with "http://" or "https://"' },
  ])('does not begin if the URL is $jwks_url', async ({ jwks_url, expected }) => {
    const refusal = await mountMiddleware(jwt, { jwks_url }).catch((error: unknown) => error)

    expect(String(refusal)).toContain(`jwks_url: expected`)
    expect(String(refusal)).toContain(expected)
    expect(inspect(refusal, { depth: 10 })).not.toContain('hunter2')
  })
})

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString('base64')}`
}
