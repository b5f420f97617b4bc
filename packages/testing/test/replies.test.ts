import { describe, expect, it } from 'vitest'
import {
  chunked,
  closeDelimited,
  connect,
  interim,
  reply,
  request,
  requestBytes,
  startUpstream,
  switching,
} from '../src/index.ts'

describe('replies', () => {
  it('send chunks with trailers', async () => {
    await using upstream = await startUpstream(
      chunked(200, { trailer: 'x-sum' }, ['ab', 'c'], { 'X-Sum': '3' }),
    )

    const response = await request(upstream.url)

    expect(response.headers['transfer-encoding']).toBe('chunked')
    expect(response.text).toBe('abc')
    expect(response.trailers).toEqual({ 'x-sum': '3' })
  })

  it('send each chunk when the test lets them', async () => {
    const second = Promise.withResolvers<void>()
    await using upstream = await startUpstream(
      chunked(200, {}, async function* pieces() {
        yield 'first'
        await second.promise
        yield 'second'
      }),
    )
    using client = await connect(upstream.port)

    await client.send(requestBytes('GET', '/', 'a'))
    await client.readHead()
    expect(await client.readUntil('first\r\n')).toBe('5\r\nfirst\r\n')
    second.resolve()

    expect(await client.readUntil('0\r\n\r\n')).toBe('6\r\nsecond\r\n0\r\n\r\n')
  })

  it('end a body with the connection', async () => {
    await using upstream = await startUpstream(closeDelimited(200, {}, ['all ', 'of it']))

    const response = await request(upstream.url)

    expect(response.headers).toEqual({})
    expect(response.text).toBe('all of it')
  })

  it('send interim responses first', async () => {
    await using upstream = await startUpstream(
      interim(
        [{ status: 103, headers: { link: '</a>' } }, { status: 102 }],
        reply(200, {}, 'done'),
      ),
    )

    const response = await request(upstream.url)

    expect(response.interim.map(({ status }) => status)).toEqual([103, 102])
    expect(response.interim[0]?.rawHeaders).toEqual(['link', '</a>'])
    expect(response.text).toBe('done')
  })

  it('send neither body nor length where none may stand', async () => {
    await using upstream = await startUpstream(reply(204, {}, 'ignored'))

    const response = await request(upstream.url)

    expect(response.rawHeaders).toEqual([])
    expect(response.text).toBe('')
  })

  it('keep a length that is given', async () => {
    await using upstream = await startUpstream(reply(304, { 'Content-Length': '7' }))

    const response = await request(upstream.url)

    expect(response.headers['content-length']).toBe('7')
  })

  it('switch protocols and echo', async () => {
    await using upstream = await startUpstream(switching('custom'))
    using client = await connect(upstream.port)

    await client.send('GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: custom\r\n\r\n')
    const response = await client.readResponse()
    await client.send('not HTTP\r\n\r\n')

    expect(response).toMatchObject({ status: 101, headers: { upgrade: 'custom' } })
    expect((await client.readBytes(12)).toString()).toBe('not HTTP\r\n\r\n')
  })
})
