import { chunked, interim, raw, reply, startUpstream, switching } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { startBehind } from './behind.ts'

describe('a response', () => {
  it('comes as it is: status, reason, fields in order, body', async () => {
    await using upstream = await startUpstream(
      raw(
        'HTTP/1.1 404 Nothing Here\r\nX-B: 2\r\nSet-Cookie: a=1; Path=/\r\nx-a: 1\r\n' +
          'Set-Cookie: b=2\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nServer: old\r\n' +
          'Content-Length: 4\r\n\r\ngone',
      ),
    )
    await using gateway = await startBehind(upstream)

    const response = await gateway.request('/')

    expect(response.rawHead).toBe(
      'HTTP/1.1 404 Nothing Here\r\nX-B: 2\r\nSet-Cookie: a=1; Path=/\r\nx-a: 1\r\n' +
        'Set-Cookie: b=2\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nServer: old\r\n' +
        'Content-Length: 4\r\n\r\n',
    )
    expect(response.text).toBe('gone')
  })

  it('that redirects is not followed', async () => {
    await using upstream = await startUpstream(reply(302, { location: '/elsewhere' }))
    await using gateway = await startBehind(upstream)

    const response = await gateway.request('/')

    expect(response.status).toBe(302)
    expect(response.headers['location']).toBe('/elsewhere')
    expect(upstream.requests).toHaveLength(1)
  })

  it('leaves behind what concerned the connection to the upstream', async () => {
    await using upstream = await startUpstream(
      raw(
        'HTTP/1.1 200 OK\r\nConnection: X-Hop, close\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n' +
          'Proxy-Authenticate: Basic\r\nUpgrade: h2c\r\nTrailer: x\r\nX-Kept: 1\r\n' +
          'Content-Length: 0\r\n\r\n',
        { end: true },
      ),
    )
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    const response = await client.readResponse()

    expect(response.rawHeaders).toEqual(['X-Kept', '1', 'Content-Length', '0'])
    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    expect((await client.readResponse()).status).toBe(200)
  })

  it('in chunks is written anew', async () => {
    await using upstream = await startUpstream(
      raw(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00A;x=y\r\n0123456789\r\n000\r\nX-Sum: 1\r\n\r\n',
      ),
    )
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    await client.readHead()

    expect(await client.readUntil('0\r\n\r\n')).toBe('a\r\n0123456789\r\n0\r\n\r\n')
  })

  it('brings its trailers to a client that takes them', async () => {
    await using upstream = await startUpstream(
      chunked(200, { trailer: 'x-sum' }, ['x'], { 'x-sum': '1', 'set-cookie': 'a=1' }),
    )
    await using gateway = await startBehind(upstream)

    const asked = await gateway.request('/', { headers: { te: 'trailers', connection: 'te' } })
    const silent = await gateway.request('/')

    expect(asked.rawTrailers).toEqual(['x-sum', '1'])
    expect(silent.rawTrailers).toEqual([])
  })

  it('that ends with the connection is chunked for the client', async () => {
    await using upstream = await startUpstream(
      raw('HTTP/1.0 200 OK\r\nX-A: 1\r\n\r\nuntil the end', { end: true }),
    )
    await using gateway = await startBehind(upstream)

    const response = await gateway.request('/')

    expect(response.rawHead).toBe('HTTP/1.1 200 OK\r\nX-A: 1\r\ntransfer-encoding: chunked\r\n\r\n')
    expect(response.text).toBe('until the end')
  })

  it('in chunks has none for a client of HTTP/1.0', async () => {
    await using upstream = await startUpstream(chunked(200, {}, ['one', 'two'], { 'x-sum': '1' }))
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.0\r\n\r\n')

    expect((await client.readToEnd()).toString()).toBe(
      'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nonetwo',
    )
  })

  it('to HEAD has the length that the upstream says', async () => {
    await using upstream = await startUpstream(reply(200, { 'content-length': '12345' }))
    await using gateway = await startBehind(upstream)

    const response = await gateway.request('/', { method: 'HEAD' })

    expect(response.headers['content-length']).toBe('12345')
    expect(response.body).toHaveLength(0)
  })

  it('comes after the interim ones, except 100', async () => {
    const heads = [
      { status: 100 },
      { status: 103, headers: { link: '</a.css>', connection: 'x-hop', 'x-hop': '1' } },
    ]
    await using upstream = await startUpstream(interim(heads, reply(200, {}, 'x')))
    await using gateway = await startBehind(upstream)

    const response = await gateway.request('/')

    expect(response.interim.map(({ rawHead }) => rawHead)).toEqual([
      'HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n',
    ])
    expect(response.text).toBe('x')
  })

  it('of another protocol that nobody asked for is none', async () => {
    await using upstream = await startUpstream(switching('websocket'))
    await using gateway = await startBehind(upstream)

    expect((await gateway.request('/')).status).toBe(502)
    expect(gateway.logs.find({ code: 'GW_UPSTREAM_PROTOCOL', source: 'upstream' })).toHaveLength(1)
  })

  it('that a middleware changed goes on as changed', async () => {
    await using upstream = await startUpstream(reply(200, { 'x-gone': '1' }, 'the old one'))
    await using gateway = await startBehind(upstream, {
      middleware: {
        onResponse: (_ctx, response) => {
          response.status = 203
          response.headers.delete('x-gone')
          response.headers.append('x-new', '1')
          response.body = 'new'
        },
      },
    })
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    const response = await client.readResponse()

    expect(response).toMatchObject({ status: 203, reason: 'Non-Authoritative Information' })
    expect(response.headers).toEqual({ 'x-new': '1', 'content-length': '3' })
    expect(response.text).toBe('new')
  })

  it.each([
    ['made by the gateway', '/none'],
    ['to what is no request', '\u0000'],
  ])('%s carries a date', async (_what, target) => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, {
      middleware: {
        onRequest: (ctx) => ctx.fail(new Error('no')),
      },
    })
    using client = await gateway.connect()

    await client.send(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`)
    const response = await client.readResponse()

    expect(Number.isNaN(Date.parse(response.headers['date'] ?? ''))).toBe(false)
    expect(response.headers['content-type']).toBe('application/problem+json')
  })
})
