import type { IncomingHttpHeaders } from 'node:http2'
import { describe, expect, it } from 'vitest'
import { startBehind } from '../behind.ts'
import { Code, FrameServer, onRequest } from './frame-server.ts'
import { type Answer, bodyOf, respond, startHttp2Upstream } from './http2-upstream.ts'

describe('a request to a server of HTTP/2', () => {
  it('arrives with pseudo fields, and with its own fields in their order', async () => {
    await using upstream = await startHttp2Upstream()
    await using gateway = await startBehind(upstream, { basePath: '/base' })

    const { status, text } = await gateway.request('/a%20b?c=%2F', {
      headers: [
        ['host', 'Shop.example:8080'],
        ['X-One', '1'],
        ['cookie', 'a=1; b=2'],
        ['x-one', '2'],
        ['user-agent', 'one'],
        ['user-agent', 'two'],
      ],
    })

    expect([status, text]).toEqual([200, 'hello'])
    const raw = upstream.arrived[0]?.raw ?? []
    expect(raw.slice(0, 8)).toEqual([
      ...[':method', 'GET'],
      ...[':scheme', 'http'],
      ...[':authority', 'shop.example:8080'],
      ...[':path', '/base/a%20b?c=%2F'],
    ])
    expect(raw.slice(-10)).toEqual([
      ...['x-one', '1'],
      ...['cookie', 'a=1; b=2'],
      ...['x-one', '2'],
      ...['user-agent', 'one'],
      ...['user-agent', 'two'],
    ])
  })

  it('leaves out what concerns the connection of the client', async () => {
    await using upstream = await startHttp2Upstream()
    await using gateway = await startBehind(upstream)

    await gateway.request('/', {
      method: 'POST',
      headers: {
        connection: 'keep-alive, X-Secret, x-forwarded-for',
        'x-secret': '1',
        'keep-alive': 'timeout=5',
        'proxy-connection': 'keep-alive',
        te: 'gzip, trailers',
        expect: '100-continue',
        upgrade: 'h2c',
        'http2-settings': 'AAMAAABkAAQAAP__',
        'x-kept': '1',
      },
      body: ['x'],
    })

    const names = Object.keys(upstream.arrived[0]?.headers ?? {})
    expect(names.filter((name) => !name.startsWith(':'))).toEqual([
      ...['x-forwarded-for', 'x-real-ip', 'x-forwarded-proto', 'x-forwarded-host'],
      ...['x-forwarded-port', 'x-kept', 'te'],
    ])
    expect(upstream.arrived[0]?.headers.te).toBe('trailers')
  })

  it('names the server if the host of the client is not to be passed on', async () => {
    await using upstream = await startHttp2Upstream()
    await using gateway = await startBehind(upstream, { balancer: { pass_host_header: false } })

    await gateway.request('/')

    expect(upstream.arrived[0]?.headers[':authority']).toBe(new URL(upstream.url).host)
  })

  it.each([
    { method: 'GET', body: undefined, length: undefined },
    { method: 'POST', body: undefined, length: '0' },
    { method: 'PUT', body: 'body', length: '4' },
    { method: 'DELETE', body: 'body', length: '4' },
    { method: 'POST', body: ['bo', 'dy'], length: undefined },
  ])('says of $method with body $body that its length is $length', async (given) => {
    const bodies: string[] = []
    const answer: Answer = async (arrived) => {
      bodies.push(await bodyOf(arrived))
      respond('read')(arrived)
    }
    await using upstream = await startHttp2Upstream(answer)
    await using gateway = await startBehind(upstream)
    const { method, body, length } = given

    const response = await gateway.request('/', { method, ...(body !== undefined && { body }) })

    expect(response.text).toBe('read')
    expect(bodies).toEqual([body === undefined ? '' : 'body'])
    expect(upstream.arrived[0]?.headers['content-length']).toBe(length)
  })

  it('brings its trailers along, but none that frames or authenticates', async () => {
    const trailers = Promise.withResolvers<IncomingHttpHeaders>()
    const answer: Answer = async (arrived) => {
      arrived.stream.on('trailers', trailers.resolve)
      await bodyOf(arrived)
      respond('read')(arrived)
    }
    await using upstream = await startHttp2Upstream(answer)
    await using gateway = await startBehind(upstream)

    await gateway.request('/', {
      method: 'POST',
      body: ['x'],
      trailers: [
        ['x-sum', '1'],
        ['authorization', 'Basic eDp5'],
        ['x-sum', '2'],
        ['x-forwarded-for', '9.9.9.9'],
      ],
    })

    expect(Object.entries(await trailers.promise)).toEqual([['x-sum', '1, 2']])
  })
})

describe('a response of a server of HTTP/2', () => {
  it('keeps status, order of fields and every cookie', async () => {
    await using upstream = await startHttp2Upstream(({ stream }) => {
      stream.respond([
        ...[':status', '418', 'x-b', '1', 'set-cookie', 'a=1'],
        ...['x-a', '2', 'set-cookie', 'b=2', 'date', 'Sun, 06 Nov 1994 08:49:37 GMT'],
      ])
      stream.end('tea')
    })
    await using gateway = await startBehind(upstream)

    const response = await gateway.request('/')

    expect([response.status, response.text]).toEqual([418, 'tea'])
    expect(response.rawHeaders).toEqual([
      ...['x-b', '1', 'set-cookie', 'a=1', 'x-a', '2', 'set-cookie', 'b=2'],
      ...['date', 'Sun, 06 Nov 1994 08:49:37 GMT', 'transfer-encoding', 'chunked'],
    ])
  })

  it('keeps a content-length, and its trailers', async () => {
    await using upstream = await startHttp2Upstream(({ stream, headers }) => {
      if (headers[':path'] === '/length') {
        stream.respond({ 'content-length': 5 })
        stream.end('whole')
        return
      }
      stream.respond({}, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': ['1', '2'] }))
      stream.end('parts')
    })
    await using gateway = await startBehind(upstream)

    const whole = await gateway.request('/length')
    const parts = await gateway.request('/', { headers: { te: 'trailers', connection: 'te' } })

    expect([whole.text, whole.headers['content-length']]).toEqual(['whole', '5'])
    expect([parts.text, parts.trailers]).toEqual(['parts', { 'x-sum': '1, 2' }])
  })

  it.each([
    { method: 'HEAD', status: 200 },
    { method: 'GET', status: 204 },
    { method: 'GET', status: 304 },
    { method: 'GET', status: 200 },
  ])('to $method may be $status without a body', async ({ method, status }) => {
    await using upstream = await startHttp2Upstream(({ stream }) => {
      stream.respond({ ':status': status, etag: '"1"' }, { endStream: true })
    })
    await using gateway = await startBehind(upstream)

    const response = await gateway.request('/', { method })

    expect([response.status, response.text, response.headers['etag']]).toEqual([status, '', '"1"'])
  })

  it('comes after its interim responses', async () => {
    await using upstream = await startHttp2Upstream(({ stream }) => {
      stream.additionalHeaders({ ':status': 103, link: '</a>; rel=preload' })
      stream.additionalHeaders({ ':status': 100 })
      stream.respond({ ':status': 200 })
      stream.end()
    })
    await using gateway = await startBehind(upstream)

    const { interim } = await gateway.request('/')

    expect(interim.map(({ status }) => status)).toEqual([103])
    expect(interim[0]?.rawHeaders).toEqual(['link', '</a>; rel=preload'])
  })

  it('begins before its request has ended, and both go on together', async () => {
    await using upstream = await startHttp2Upstream(({ stream }) => {
      stream.respond({ 'content-length': 6 })
      stream.pipe(stream)
    })
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\n')
    await client.readHead()
    for (const letters of ['ab', 'cd', 'ef']) {
      await client.send(letters)
      expect((await client.readBytes(2)).toString()).toBe(letters)
    }

    await expect.poll(() => upstream.streams).toBe(0)
    expect(gateway.endpoint().active).toBe(0)
  })

  it('ends the request with it', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => connection.answer(stream, 'enough')),
    )
    await using gateway = await startBehind(server)
    using client = await gateway.connect()

    await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 600\r\n\r\nabc')
    const response = await client.readResponse()

    expect(response.text).toBe('enough')
    await expect.poll(() => server.resets()).toEqual([Code.cancel])
    expect(gateway.endpoint().active).toBe(0)
  })
})
