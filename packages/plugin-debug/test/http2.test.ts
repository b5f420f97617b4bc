import { once } from 'node:events'
import { connect, type IncomingHttpHeaders } from 'node:http2'
import { chunked, poolFile, reply, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { allowed, asked } from './gateway.ts'
import { namesOf } from './timings.ts'

describe('a timeline over HTTP/2', () => {
  it('is that of its own stream, and ends in a trailer', async () => {
    await using upstream = await startUpstream(({ target }) =>
      target === '/plain' ? reply(200, {}, 'x') : chunked(200, {}, ['a', 'b']),
    )
    await using gateway = await startGateway(poolFile([upstream.url], { blocks: allowed }))

    const [traced, plain] = await get(gateway.url(), [
      { ':path': '/', ...asked, te: 'trailers' },
      { ':path': '/plain' },
    ])

    expect(namesOf(traced?.headers['server-timing'])).toContain('upstream.1')
    expect(namesOf(traced?.trailers['server-timing'])).toEqual(['total', 'body'])
    expect(plain?.headers).not.toHaveProperty('server-timing')
    expect(upstream.requests).toHaveLength(2)
  })
})

interface Got {
  headers: IncomingHttpHeaders
  trailers: IncomingHttpHeaders
}

/** Sends requests at once, over one connection. */
async function get(url: string, heads: readonly IncomingHttpHeaders[]): Promise<Got[]> {
  const session = connect(url)
  try {
    return await Promise.all(
      heads.map(async (head) => {
        const got: Got = { headers: {}, trailers: {} }
        const stream = session.request(head, { endStream: true })
        stream.on('response', (headers) => (got.headers = headers))
        stream.on('trailers', (trailers) => (got.trailers = trailers))
        stream.resume()
        await once(stream, 'close')
        return got
      }),
    )
  } finally {
    session.destroy()
  }
}
