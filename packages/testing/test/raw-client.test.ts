import { describe, expect, it } from 'vitest'
import { connect, raw, reply, request, requestBytes, startUpstream } from '../src/index.ts'

describe('raw client', () => {
  it('reads a response with the names as they were sent', async () => {
    await using upstream = await startUpstream(
      reply(
        201,
        [
          ['X-One', '1'],
          ['x-ONE', '2'],
        ],
        'body',
      ),
    )

    const response = await request(`${upstream.url}/path?q=1`, { headers: { 'X-Sent': 'yes' } })

    expect(response.status).toBe(201)
    expect(response.reason).toBe('Created')
    expect(response.rawHeaders).toEqual(['X-One', '1', 'x-ONE', '2', 'content-length', '4'])
    expect(response.headers['x-one']).toBe('1, 2')
    expect(response.headerValues('x-one')).toEqual(['1', '2'])
    expect(response.text).toBe('body')
    expect(upstream.requests[0]?.rawHead).toBe(
      `GET /path?q=1 HTTP/1.1\r\nhost: 127.0.0.1:${upstream.port}\r\nX-Sent: yes\r\n\r\n`,
    )
  })

  it('keeps responses to pipelined requests apart', async () => {
    await using upstream = await startUpstream((received) => reply(200, {}, received.target))
    using client = await connect(upstream.port)

    await client.send(
      Buffer.concat(['/1', '/22', '/333'].map((path) => requestBytes('GET', path, 'a'))),
    )
    const bodies = [
      await client.readResponse(),
      await client.readResponse(),
      await client.readResponse(),
    ].map(({ text }) => text)

    expect(bodies).toEqual(['/1', '/22', '/333'])
    expect(upstream.connections.total).toBe(1)
  })

  it('sends a request that arrives byte by byte', async () => {
    await using upstream = await startUpstream((received) => reply(200, {}, received.body))
    using client = await connect(upstream.port)

    for (const byte of requestBytes('POST', '/', 'a', { body: ['ab', 'c'] })) {
      await client.send(Uint8Array.of(byte))
    }

    expect((await client.readResponse()).text).toBe('abc')
  })

  it.each([
    ['status line', 'HTTP/1.1 2OO OK\r\n\r\n'],
    ['status line', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['status line', 'HTTP/1.1 200\r\n\r\n'],
    ['field line', 'HTTP/1.1 200 OK\r\nname : value\r\n\r\n'],
    ['field line', 'HTTP/1.1 200 OK\r\na: b\r\n folded\r\n\r\n'],
    ['field line', 'HTTP/1.1 200 OK\r\na: \0\r\n\r\n'],
    ['bare CR or LF', 'HTTP/1.1 200 OK\r\na: b\nc: d\r\n\r\n'],
    ['content length', 'HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\nx'],
    ['content length', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\nx'],
    ['beside', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['transfer coding', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n'],
    ['transfer coding', 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['framing field', 'HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n'],
    ['chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;ext\r\nx\r\n0\r\n\r\n'],
    ['chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n01\r\nx\r\n0\r\n\r\n'],
    ['chunk data', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nxyz\r\n0\r\n\r\n'],
    ['field line', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n'],
  ])('refuses a response with a bad %s: %j', async (problem, bytes) => {
    await using upstream = await startUpstream(raw(bytes))

    const response = request(upstream.url)

    await expect(response).rejects.toMatchObject({ code: 'GW_TESTING_WIRE' })
    await expect(response).rejects.toThrow(problem)
  })

  it('says what was there when a response is cut off', async () => {
    await using upstream = await startUpstream(raw('HTTP/1.1 200 OK\r\ncontent-le', { end: true }))

    const response = request(upstream.url)

    await expect(response).rejects.toMatchObject({ code: 'GW_TESTING_CONNECTION_LOST' })
    await expect(response).rejects.toThrow('content-le')
  })

  it('tells a reset from an orderly end', async () => {
    await using upstream = await startUpstream([raw('', { end: true }), reply()])
    using first = await connect(upstream.port)
    await first.send(requestBytes('GET', '/', 'a'))

    expect(await first.closed()).toBe('end')

    using second = await connect(upstream.port)
    await second.send(requestBytes('GET', '/', 'a'))
    const { gone } = await upstream.nextHead().then(() => upstream.nextHead())
    await second.readResponse()
    second.reset()

    expect(await gone).toBe('reset')
  })

  it('takes no body after HEAD', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'body'))
    using client = await connect(upstream.port)

    await client.send(
      Buffer.concat([requestBytes('HEAD', '/', 'a'), requestBytes('GET', '/', 'a')]),
    )
    const head = await client.readResponse({ method: 'HEAD' })
    const full = await client.readResponse()

    expect(head.headers['content-length']).toBe('4')
    expect(head.text).toBe('')
    expect(full.text).toBe('body')
  })
})
