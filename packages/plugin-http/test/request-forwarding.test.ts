import { Readable } from 'node:stream'
import { startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { startBehind } from './behind.ts'

describe('the request line', () => {
  it.each([
    ['/', '/'],
    ['/a/b?c=d&e', '/a/b?c=d&e'],
    ['/%20%C3%A4//x/;p=1', '/%20%C3%A4//x/;p=1'],
    ['/?', '/?'],
  ])('%s goes on as %s', async (target, forwarded) => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`)
    await client.readResponse()

    expect(upstream.requests[0]?.rawHead).toContain(`GET ${forwarded} HTTP/1.1\r\n`)
  })

  it.each([
    ['/base', '/a?b', '/base/a?b'],
    ['/base/', '/a', '/base/a'],
    ['/base/deep', '/', '/base/deep/'],
    ['/', '/a', '/a'],
  ])('gets the path of the server in front of it: %s and %s', async (basePath, target, sent) => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, { basePath })

    await gateway.request(target)

    expect(upstream.requests[0]?.target).toBe(sent)
  })

  it('is in origin form, though it came in absolute form, and the host of the target counts', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('GET http://real.example:81/a?b HTTP/1.1\r\nHost: other.example\r\n\r\n')
    await client.readResponse()

    expect(upstream.requests[0]).toMatchObject({ target: '/a?b' })
    expect(upstream.requests[0]?.headerValues('host')).toEqual(['real.example:81'])
    expect(upstream.requests[0]?.headers['x-forwarded-host']).toBe('real.example:81')
  })

  it('keeps any method that is a token, in its case', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('PROPFIND /a HTTP/1.1\r\nHost: h\r\n\r\n')
    await client.readResponse()
    await client.send('get /a HTTP/1.1\r\nHost: h\r\n\r\n')
    await client.readResponse()

    expect(upstream.requests.map(({ method }) => method)).toEqual(['PROPFIND', 'get'])
  })

  it('with CONNECT is refused, and the connection ends', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n')
    const response = await client.readResponse()

    expect(response.status).toBe(405)
    expect(response.headers['allow']).toContain('GET')
    expect(response.json()).toMatchObject({
      code: 'GW_HTTP_CONNECT_REFUSED',
      error: expect.any(String),
    })
    expect(await client.closed()).toBe('end')
    expect(upstream.requests).toHaveLength(0)
    expect(gateway.logs.find({ code: 'GW_HTTP_CONNECT_REFUSED' })).toHaveLength(1)
  })

  it('that a middleware changed goes on as changed', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, {
      middleware: {
        onRequest: ({ request }) => {
          request.method = 'PUT'
          request.path = '/changed'
          request.authority = 'changed.example'
        },
      },
    })

    await gateway.request('/a?b=c')

    expect(upstream.requests[0]).toMatchObject({ method: 'PUT', target: '/changed?b=c' })
    expect(upstream.requests[0]?.headerValues('host')).toEqual(['changed.example'])
  })
})

describe('the host', () => {
  it('is the one that the client asked for', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)

    await gateway.request('/', { headers: { Host: 'Shop.Example:8080' } })

    expect(upstream.requests[0]?.headerValues('host')).toEqual(['Shop.Example:8080'])
  })

  it('is that of the server if it is not to be passed', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, { balancer: { pass_host_header: false } })

    await gateway.request('/', { headers: { Host: 'shop.example' } })

    expect(upstream.requests[0]?.headerValues('host')).toEqual([`127.0.0.1:${upstream.port}`])
    expect(upstream.requests[0]?.headers['x-forwarded-host']).toBe('shop.example')
  })

  it('is that of the server if the client of HTTP/1.0 names none', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.0\r\n\r\n')
    await client.readResponse()

    expect(upstream.requests[0]?.headerValues('host')).toEqual([`127.0.0.1:${upstream.port}`])
  })
})

describe('request fields', () => {
  it('that nobody touched keep order, case and repetition', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(
      'GET / HTTP/1.1\r\nHost: h\r\nX-B: 2\r\nx-a:1\r\nX-B:\t 3 \r\nCookie: a=1\r\nCookie: b=2\r\n' +
        'X-Latin: \u00e4\r\n\r\n',
    )
    await client.readResponse()

    const lines = upstream.requests[0]?.rawHead.split('\r\n') ?? []
    const from = lines.indexOf('Host: h')
    expect(lines.slice(from, from + 7)).toEqual([
      'Host: h',
      'X-B: 2',
      'x-a:1',
      'X-B:\t 3 ',
      'Cookie: a=1',
      'Cookie: b=2',
      'X-Latin: \u00e4',
    ])
  })

  it('of one connection stay behind, and so do those that Connection names', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(
      'GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nx-hop: 2\r\n' +
        'Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nTE: gzip\r\nTrailer: x\r\n' +
        'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nProxy-Authorization: Basic x\r\n' +
        'Connection: x-other\r\nX-Other: 3\r\nX-Kept: 4\r\n\r\n',
    )
    await client.readResponse()

    const names = Object.keys(upstream.requests[0]?.headers ?? {})
    expect(names.filter((name) => !name.startsWith('x-forwarded'))).toEqual([
      'x-real-ip',
      'host',
      'x-kept',
    ])
  })

  it('that frame or route the message cannot be removed by Connection', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(
      'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nAuthorization: Basic x\r\n' +
        'Connection: host, content-length, authorization, x-forwarded-for, x-real-ip\r\n\r\nhi',
    )
    await client.readResponse()

    expect(upstream.requests[0]?.headers).toMatchObject({
      host: 'h',
      'content-length': '2',
      authorization: 'Basic x',
      'x-forwarded-for': '127.0.0.1',
      'x-real-ip': '127.0.0.1',
    })
  })

  it('say that trailers are taken if the client says so, and nothing else', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.1\r\nHost: h\r\nTE: gzip, trailers\r\nConnection: te\r\n\r\n')
    await client.readResponse()

    expect(upstream.requests[0]?.headers).toMatchObject({ te: 'trailers', connection: 'te' })
  })

  it('do not ask the upstream for what the gateway answers itself', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(
      'POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n',
    )
    expect((await client.readHead()).status).toBe(100)
    await client.send('hi')
    await client.readResponse()

    expect(upstream.requests[0]?.text).toBe('hi')
    expect(upstream.requests[0]?.headers['expect']).toBeUndefined()
  })

  it('that a middleware changed go on as changed', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, {
      middleware: {
        onRequest: ({ request: { headers } }) => {
          headers.delete('x-gone')
          headers.set('x-set', 'new')
          headers.append('x-more', '2')
        },
      },
    })

    await gateway.request('/', { headers: { 'x-gone': '1', 'x-set': 'old', 'x-more': '1' } })

    const [request] = upstream.requests
    expect(request?.headerValues('x-gone')).toEqual([])
    expect(request?.headerValues('x-set')).toEqual(['new'])
    expect(request?.headerValues('x-more')).toEqual(['1', '2'])
  })
})

describe('a request body', () => {
  it('with a length keeps it', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)

    await gateway.request('/', { method: 'POST', body: 'hello' })

    expect(upstream.requests[0]?.headers['content-length']).toBe('5')
    expect(upstream.requests[0]?.text).toBe('hello')
  })

  it('in chunks is written anew, with its trailers', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(
      'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n' +
        '0005;ext="x"\r\nhello\r\n1\r\n!\r\n00\r\nX-Sum: 6\r\nContent-Type: x\r\n\r\n',
    )
    await client.readResponse()

    const [request] = upstream.requests
    expect(request?.headers['transfer-encoding']).toBe('chunked')
    expect(request?.text).toBe('hello!')
    expect(request?.rawTrailers).toEqual(['x-sum', '6'])
  })

  it('of GET goes on too, and so does none', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)

    await gateway.request('/', { method: 'GET', body: 'why not' })
    await gateway.request('/', { method: 'GET' })
    await gateway.request('/', { method: 'POST' })

    expect(upstream.requests.map(({ text }) => text)).toEqual(['why not', '', ''])
    expect(upstream.requests.map(({ headers }) => headers['content-length'])).toEqual([
      '7',
      undefined,
      '0',
    ])
  })

  it('that a middleware replaced has the length of the new one', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, {
      middleware: {
        onRequest: ({ request }) => {
          request.body = request.target === '/text' ? 'new' : Readable.from(['ne', 'w'])
        },
      },
    })

    using client = await gateway.connect()
    for (const target of ['/text', '/stream']) {
      await client.send(
        `POST ${target} HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nthe old one`,
      )
      expect((await client.readResponse()).status).toBe(200)
    }

    expect(upstream.requests.map(({ text }) => text)).toEqual(['new', 'new'])
    expect(upstream.requests.map(({ headers }) => headers['content-length'])).toEqual([
      '3',
      undefined,
    ])
  })
})
