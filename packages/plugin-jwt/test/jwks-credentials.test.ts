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
})

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString('base64')}`
}
