import * as fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { after, connect, Reply, reply, request, requestBytes, startUpstream } from '../src/index.ts'

describe('upstream', () => {
  it('records requests exactly as they arrive', async () => {
    await using upstream = await startUpstream()

    await request(`${upstream.url}/a?b`, {
      method: 'PUT',
      headers: [
        ['X-Case', 'Kept'],
        ['x-case', 'too'],
      ],
      body: ['one', 'two'],
      trailers: { 'X-Sum': '6' },
    })

    const received = upstream.requests[0]
    expect(received).toMatchObject({ method: 'PUT', target: '/a?b', version: '1.1', connection: 1 })
    expect(received?.rawHeaders).toEqual(
      `host 127.0.0.1:${upstream.port} X-Case Kept x-case too transfer-encoding chunked`.split(' '),
    )
    expect(received?.headers['x-case']).toBe('Kept, too')
    expect(received?.text).toBe('onetwo')
    expect(received?.trailers).toEqual({ 'x-sum': '6' })
    expect(received?.complete).toBe(true)
  })

  it('gives back every body, whatever its bytes and chunks', async () => {
    await using upstream = await startUpstream((received) => reply(200, {}, received.body))

    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 })),
        async (chunks) => {
          const response = await request(upstream.url, { method: 'POST', body: chunks })

          expect(response.body).toEqual(Buffer.concat(chunks))
        },
      ),
      { numRuns: 30 },
    )
  })

  it('follows a script and repeats its last step', async () => {
    await using upstream = await startUpstream([
      reply(503),
      (received) => reply(200, {}, received.target),
    ])

    const answers = [
      await request(`${upstream.url}/1`),
      await request(`${upstream.url}/2`),
      await request(`${upstream.url}/3`),
    ].map(({ status, text }) => `${status} ${text}`)

    expect(answers).toEqual(['503 ', '200 /2', '200 /3'])
  })

  it('counts connections and lets them be used again', async () => {
    await using upstream = await startUpstream()
    using client = await connect(upstream.port)

    await client.send(requestBytes('GET', '/', 'a'))
    await client.readResponse()
    await client.send(requestBytes('GET', '/', 'a'))
    await client.readResponse()
    await request(upstream.url)

    expect(upstream.requests.map(({ connection }) => connection)).toEqual([1, 1, 2])
    expect(upstream.connections.total).toBe(2)
    await vi.waitFor(() => expect(upstream.connections.open).toBe(1))
    client.end()
    await vi.waitFor(() => expect(upstream.connections.open).toBe(0))
  })

  it.each([
    ['HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'],
    ['a request', 'GET / HTTP/1.1\r\nhost: a\r\nconnection: x, close\r\n\r\n'],
  ])('closes after its reply when %s asks for it', async (_, bytes) => {
    await using upstream = await startUpstream()
    using client = await connect(upstream.port)

    await client.send(bytes)
    await client.readResponse()

    expect(await client.closed()).toBe('end')
  })

  it('closes after a reply that says so', async () => {
    await using upstream = await startUpstream(reply(200, { connection: 'close' }))
    using client = await connect(upstream.port)

    await client.send(requestBytes('GET', '/', 'a'))
    await client.readResponse()

    expect(await client.closed()).toBe('end')
  })

  it('hands out requests one after the other, and waits for those to come', async () => {
    await using upstream = await startUpstream()
    const second = upstream.nextRequest().then(() => upstream.nextRequest())

    await request(`${upstream.url}/1`)
    await request(`${upstream.url}/2`)

    expect((await second).target).toBe('/2')
  })

  it('hands out a head before its body is there', async () => {
    await using upstream = await startUpstream()
    using client = await connect(upstream.port)

    await client.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nab')
    const received = await upstream.nextHead()
    expect(received.complete).toBe(false)
    await client.send('cd')

    expect(await received.completed).toBe(true)
    expect(received.text).toBe('abcd')
  })

  it('tells when a request is given up half-way', async () => {
    await using upstream = await startUpstream()
    using client = await connect(upstream.port)

    await client.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nab')
    const received = await upstream.nextHead()
    client.reset()

    expect(await received.completed).toBe(false)
    expect(await received.gone).toBe('reset')
  })

  it('notices that the client left while its reply waits', async () => {
    const { promise } = Promise.withResolvers<void>()
    await using upstream = await startUpstream(after(promise, reply()))
    using client = await connect(upstream.port)

    await client.send(requestBytes('GET', '/', 'a'))
    await upstream.nextRequest()
    client.end()

    expect(await client.closed()).toBe('end')
    await vi.waitFor(() => expect(upstream.connections.open).toBe(0))
  })

  it('answers an expectation before it reads the body', async () => {
    await using upstream = await startUpstream()
    using client = await connect(upstream.port)

    await client.send(
      'POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n',
    )
    expect((await client.readHead()).status).toBe(100)
    await client.send('ok')

    expect((await client.readResponse()).status).toBe(200)
  })

  it.each([
    ['request line', 'GET  / HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['request line', 'GET /\x80 HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['field line', '\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['Host fields', 'GET / HTTP/1.1\r\n\r\n'],
    ['Host fields', 'GET / HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n'],
    ['content length', 'GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 1, 1\r\n\r\n'],
    [
      'beside',
      'GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
    ],
    [
      'chunk',
      'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n 1\r\nx\r\n0\r\n\r\n',
    ],
    ['field line', 'GET / HTTP/1.1\r\nhost: a\r\nx\ty: 1\r\n\r\n'],
  ])('answers 400 to a bad %s and fails when it is closed: %j', async (problem, bytes) => {
    const upstream = await startUpstream()
    using client = await connect(upstream.port)

    await client.send(bytes)

    expect((await client.readResponse()).status).toBe(400)
    expect(await client.closed()).toBe('end')
    await expect(upstream.close()).rejects.toMatchObject({
      code: 'GW_TESTING_UPSTREAM',
      message: expect.stringContaining(problem),
    })
  })

  it('keeps problems to itself if told to', async () => {
    await using upstream = await startUpstream(reply(), { strict: false })
    using client = await connect(upstream.port)

    await client.send('nonsense\r\n\r\n')
    await client.readResponse()

    expect(upstream.problems).toMatchObject([{ code: 'GW_TESTING_WIRE' }])
  })

  it('reports what a reply throws', async () => {
    const upstream = await startUpstream(
      new Reply(() => {
        throw new Error('a mistake in a test')
      }),
    )
    using client = await connect(upstream.port)

    await client.send(requestBytes('GET', '/', 'a'))
    await client.closed()

    await expect(upstream.close()).rejects.toThrow('a mistake in a test')
  })

  it('can change its behaviour', async () => {
    await using upstream = await startUpstream(reply(200))

    const before = await request(upstream.url)
    upstream.behave(reply(500))
    const afterwards = await request(upstream.url)

    expect([before.status, afterwards.status]).toEqual([200, 500])
  })
})
