import { reply, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { type Front, startBehind } from '../behind.ts'
import { connectRaw, Flag, Frame, get, number32, type RawHttp2 } from './raw-http2.ts'

const window = 65_535
const post = [[':method', 'POST'], ...get.slice(1)] as const

describe('a stream of HTTP/2', () => {
  it('takes no more of an upload than its window while nobody reads it', async () => {
    const held = Promise.withResolvers<undefined>()
    const middleware = {
      onRequest: ({ request }: { readonly request: { readonly method: string } }) =>
        request.method === 'POST' ? held.promise : undefined,
    }
    await using upstream = await startUpstream(({ body }) => reply(200, {}, `${body.length}`))
    await using gateway = await startBehind(upstream, { middleware })
    using client = await begin(gateway)

    client.request(1, post, Flag.endHeaders)
    upload(client, 1, window)
    client.request(3, get)
    await client.next(Frame.data, 3)
    const before = openings(client, 1)
    held.resolve(undefined)
    await client.next(Frame.windowUpdate, 1)
    client.send(Frame.data, Flag.endStream, 1, Buffer.from('end'))

    expect(before).toBe(0)
    expect(String((await client.next(Frame.data, 1)).payload)).toBe(`${window + 3}`)
  })

  it('that is not read does not stop another one', async () => {
    const large = 'x'.repeat(5_000_000)
    await using upstream = await startUpstream([reply(200, {}, large), reply(200, {}, 'small')])
    await using gateway = await startBehind(upstream)
    using client = await begin(gateway)
    client.send(Frame.windowUpdate, Flag.none, 0, number32(2 ** 30))

    client.request(1, get)
    await vi.waitFor(() => expect(received(client, 1)).toBe(window))
    client.request(3, get)

    expect(String((await client.next(Frame.data, 3)).payload)).toBe('small')
    client.send(Frame.windowUpdate, Flag.none, 1, number32(2 ** 30))
    await vi.waitFor(() => expect(received(client, 1)).toBe(large.length))
  })

  it('ends if its upload is slower than it may be', async () => {
    await using upstream = await startUpstream()
    const http = { min_upload_rate: '1MiB', min_rate_grace: '100ms' }
    await using gateway = await startBehind(upstream, { entrypoint: { http } })
    using client = await begin(gateway)

    client.request(1, post, Flag.endHeaders)
    client.send(Frame.data, Flag.none, 1, Buffer.from('slow'))

    expect(String((await client.next(Frame.data, 1)).payload)).toContain('UPLOAD_TOO_SLOW')
  })

  it('ends if its response is taken more slowly than it may be', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'x'.repeat(1_000_000)))
    const http = { min_download_rate: '100MiB', min_rate_grace: '100ms' }
    await using gateway = await startBehind(upstream, { entrypoint: { http } })
    using client = await begin(gateway)

    client.request(1, get)

    expect(await client.resetOf(1)).toBe(8)
  })

  it('of which the client gives up the end may not pass for a whole body', async () => {
    await using upstream = await startUpstream(undefined, { strict: false })
    await using gateway = await startBehind(upstream)
    using client = await begin(gateway)

    client.request(1, post, Flag.endHeaders)
    client.send(Frame.data, Flag.none, 1, Buffer.from('half'))
    const request = await upstream.nextHead()
    client.reset(1, 0)

    expect(await request.completed).toBe(false)
  })
})

async function begin({ port }: Front): Promise<RawHttp2> {
  const client = await connectRaw(port())
  client.begin()
  return client
}

function upload(client: RawHttp2, stream: number, size: number): void {
  for (let left = size; left > 0; left -= 16_384) {
    client.send(Frame.data, Flag.none, stream, Buffer.alloc(Math.min(left, 16_384)))
  }
}

/** How often the window of a stream was opened. */
function openings(client: RawHttp2, stream: number): number {
  return client.frames.filter((one) => one.type === Frame.windowUpdate && one.stream === stream)
    .length
}

/** Bytes of a response so far. */
function received(client: RawHttp2, stream: number): number {
  const data = client.frames.filter((one) => one.type === Frame.data && one.stream === stream)
  return data.reduce((sum, { payload }) => sum + payload.length, 0)
}
