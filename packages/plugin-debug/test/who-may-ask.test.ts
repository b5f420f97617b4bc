import {
  poolFile,
  type RawResponse,
  reply,
  startGateway,
  startUpstream,
  type TestGateway,
} from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { allowed, asked } from './gateway.ts'

const notAllowed = 'debug {\n allow = ["10.0.0.0/8", "::1"]\n }\n'

describe('who asks for a timeline', () => {
  it('does not have the server hear of it', async () => {
    await using upstream = await startUpstream()
    await using may = await startGateway(poolFile([upstream.url], { blocks: allowed }))
    await using mayNot = await startGateway(poolFile([upstream.url], { blocks: notAllowed }))

    await may.request('/', { headers: asked })
    await mayNot.request('/', { headers: { 'X-Gatewright-Trace': ['1', '1'] } })

    for (const request of upstream.requests) {
      expect(request.headers).not.toHaveProperty('x-gatewright-trace')
    }
  })

  it('gets none unless the address is one of those that may', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(poolFile([upstream.url], { blocks: notAllowed }))

    expect(timing(await gateway.request('/', { headers: asked }))).toBeUndefined()
  })

  it('must say so, with exactly that word', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(poolFile([upstream.url], { blocks: allowed }))

    expect(timing(await gateway.request('/'))).toBeUndefined()
    for (const word of ['', '0', 'true', '1, 1']) {
      const headers = { 'x-gatewright-trace': word }
      expect(timing(await gateway.request('/', { headers }))).toBeUndefined()
    }
  })

  it.each<[string, string, string, boolean]>([
    ['a client behind a trusted proxy', 'trusted_ips = ["127.0.0.1"]', '10.1.2.3', true],
    ['another client behind it', 'trusted_ips = ["127.0.0.1"]', '203.0.113.9', false],
    [
      'a client that it passed on a lie of',
      'trusted_ips = ["127.0.0.1"]',
      '10.1.2.3, 203.0.113.9',
      false,
    ],
    ['a peer that nobody trusts', '', '10.1.2.3', false],
    ['anybody where everybody is believed', 'insecure = true', '10.1.2.3', false],
    ['the same behind a proxy', 'insecure = true\n trusted_ips = ["127.0.0.1"]', '10.1.2.3', false],
  ])(
    'is %s, if that is told by somebody who is trusted',
    async (_who, trust, forwardedFor, gets) => {
      await using upstream = await startUpstream()
      const file = poolFile([upstream.url], { blocks: notAllowed })
      await using gateway = await startGateway(
        file.replace(/address = .*/, `$&\n forwarded_headers {\n ${trust}\n }`),
      )

      const headers = { ...asked, 'x-forwarded-for': forwardedFor }
      const response = await gateway.request('/', { headers })

      expect(timing(response) !== undefined).toBe(gets)
    },
  )

  it('counts by its own address where everybody is believed', async () => {
    await using upstream = await startUpstream()
    const file = poolFile([upstream.url], { blocks: allowed })
    await using gateway = await startGateway(
      file.replace(/address = .*/, '$&\n forwarded_headers {\n insecure = true\n }'),
    )

    const headers = { ...asked, 'x-forwarded-for': '203.0.113.9' }

    expect(timing(await gateway.request('/', { headers }))).toBeDefined()
  })

  it('may be another one after a reload, or nobody', async () => {
    await using upstream = await startUpstream(reply())
    const file = (blocks: string): string => poolFile([upstream.url], { blocks })
    await using gateway = await startGateway(file(notAllowed))
    const ask = async (): Promise<boolean> =>
      timing(await gateway.request('/', { headers: asked })) !== undefined

    expect(await ask()).toBe(false)
    await gateway.reload(file(allowed))
    expect(await ask()).toBe(true)
    await gateway.reload(file(notAllowed))
    expect(await ask()).toBe(false)
    await gateway.reload(file(''))
    expect(await ask()).toBe(false)
  })

  it('is refused as a list if nobody is on it, or if it has no address', async () => {
    for (const list of ['[]', '["localhost"]', '["10.0.0.0/33"]']) {
      await expect(refusal(`debug {\n allow = ${list}\n }`)).rejects.toThrow('debug.allow')
    }
    await expect(refusal('debug {}')).rejects.toThrow(/allow/)
  })
})

function timing({ headers }: RawResponse): unknown {
  return headers['server-timing']
}

function refusal(blocks: string): Promise<TestGateway> {
  return startGateway(poolFile(['http://127.0.0.1:1'], { blocks }))
}
