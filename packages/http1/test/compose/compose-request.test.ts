import { HeaderList } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import {
  composeRequest,
  Framing,
  forwardedKinds,
  HeaderBlock,
  noRoom,
  RequestPlan,
  WireHeaders,
} from '../../src/index.ts'
import { parseRequest } from '../head/parsed.ts'

describe('composeRequest', () => {
  it('sends what nobody touched as it came', () => {
    const text =
      'POST /a?b HTTP/1.1\r\nHOST: Ab:80\r\nX-a:b \r\ncontent-length: 3\r\nx-A: c\r\n\r\n'

    expect(forward(text, { framing: 3 })).toBe(text)
  })

  it.each(['content-length: 03', 'content-length:3', 'content-length: 3 ', 'content-length:\t3'])(
    'sends the length of "%s" in its canonical form',
    (line) => {
      const sent = forward(request('Host: a', line), { framing: 3 })

      expect(sent).toBe(request('Host: a', 'content-length: 3'))
    },
  )

  it.each(['Host:a', 'Host: a ', 'Host:\ta'])(
    'sends the host of "%s" without its blanks',
    (line) => {
      const sent = forward(request('X: y', line))

      expect(sent).toBe(request('host: a', 'X: y'))
    },
  )

  it('leaves out what a CGI would take for the framing', () => {
    const fields = ['Content_Length: 1', 'Transfer_Encoding: chunked', 'X_Y: z']
    const sent = forward(request('Host: a', ...fields))

    expect(sent).toBe(request('Host: a', 'X_Y: z'))
  })

  it('removes the fields of one hop, and those that Connection names', () => {
    const sent = forward(
      request(
        'Host: a',
        'Connection: close, X-Secret, Cookie',
        'Keep-Alive: 5',
        'Proxy-Connection: keep-alive',
        'Proxy-Authorization: p',
        'x-secret: 1',
        'TE: gzip',
        'X-Kept: 2',
        'Trailer: x',
        'Upgrade: h2c',
        'HTTP2-Settings: s',
        'Cookie: c',
        'X-SECRET: 3',
        'Expect: 100-continue',
        'Last: 4',
      ),
    )

    expect(sent).toBe(request('Host: a', 'X-Kept: 2', 'Last: 4'))
  })

  it('does not let Connection remove what the upstream must see', () => {
    const lines = [
      'Host: a',
      'Content-Length: 0',
      'Authorization: b',
      'X-Forwarded-For: c',
      'X-Forwarded-Foo: d',
      'Forwarded: for=e',
      'X-Real-IP: f',
    ]
    const named =
      'Connection: host, content-length, authorization, x-forwarded-for, x-forwarded-foo, forwarded, x-real-ip, x-y'

    expect(forward(request(...lines, named, 'X-Y: g'), { framing: 0 })).toBe(request(...lines))
  })

  it('writes every request as HTTP/1.1 in origin form', () => {
    expect(forward('GET /a HTTP/1.0\r\nHost: b\r\n\r\n')).toBe('GET /a HTTP/1.1\r\nHost: b\r\n\r\n')
    expect(forward('GET http://c:81/a?d HTTP/1.1\r\nX: y\r\nHost: b\r\n\r\n')).toBe(
      'GET /a?d HTTP/1.1\r\nhost: c:81\r\nX: y\r\n\r\n',
    )
    expect(forward('GET http://c?d HTTP/1.1\r\nHost: b\r\n\r\n')).toBe(
      'GET /?d HTTP/1.1\r\nhost: c\r\n\r\n',
    )
    expect(forward('OPTIONS http://c HTTP/1.1\r\nHost: b\r\n\r\n')).toBe(
      'OPTIONS * HTTP/1.1\r\nhost: c\r\n\r\n',
    )
    expect(forward('\r\nGET /a HTTP/1.1\r\nHost: b\r\n\r\n')).toBe(
      'GET /a HTTP/1.1\r\nHost: b\r\n\r\n',
    )
  })

  it('writes method, target and host that were assigned', () => {
    const sent = forward(request('Host: a', 'X: y'), {
      method: 'PUT',
      target: '/new?q',
      host: '[::1]:8080',
    })

    expect(sent).toBe('PUT /new?q HTTP/1.1\r\nhost: [::1]:8080\r\nX: y\r\n\r\n')
  })

  it('sends the host that a plugin put into the header', () => {
    const sent = forward(request('Host: a', 'X: y'), {}, (headers) => headers.set('host', 'b'))

    expect(sent).toBe('GET / HTTP/1.1\r\nhost: b\r\nX: y\r\n\r\n')
  })

  it('sends the effective host if a plugin removed the field', () => {
    const sent = forward(request('Host: a'), {}, (headers) => headers.delete('host'))

    expect(sent).toBe('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  })

  it('puts a block first and leaves kinds out', () => {
    const block = new HeaderBlock(['x-forwarded-for', '1.2.3.4'])

    const sent = forward(request('X-Forwarded-For: evil', 'Host: a', 'X-Real-IP: evil', 'X: y'), {
      block,
      dropped: forwardedKinds,
    })

    expect(sent).toBe(request('x-forwarded-for: 1.2.3.4', 'Host: a', 'X: y'))
  })

  it('applies edits', () => {
    const sent = forward(request('Host: a', 'X: 1', 'Y: 2', 'x: 3', 'Z: 4'), {}, (headers) => {
      headers.set('x', '5')
      headers.append('y', '6')
      headers.delete('z')
      headers.inject(new HeaderBlock(['via', '7']), 0)
    })

    expect(sent).toBe(request('via: 7', 'Host: a', 'Y: 2', 'x: 5', 'y: 6'))
  })

  it('frames the body as decided, whatever the fields say', () => {
    const text = request('Host: a', 'Content-Length: 5', 'X: y')
    const chunked = request('Host: a', 'Transfer-Encoding: chunked', 'X: y')

    expect(forward(text, { framing: 5 })).toBe(text)
    expect(forward(text, { framing: 6 })).toBe(request('Host: a', 'X: y', 'content-length: 6'))
    expect(forward(text, { framing: Framing.none })).toBe(request('Host: a', 'X: y'))
    expect(forward(text, { framing: Framing.chunked })).toBe(
      request('Host: a', 'X: y', 'transfer-encoding: chunked'),
    )
    expect(forward(chunked, { framing: 6 })).toBe(request('Host: a', 'X: y', 'content-length: 6'))
    expect(forward(text, { framing: 5 }, reframe)).toBe(
      request('Host: a', 'X: y', 'content-length: 5'),
    )
  })

  it('writes the Connection options that are needed', () => {
    const text = request('Host: a', 'Upgrade: websocket', 'Connection: upgrade', 'TE: trailers')
    const host = 'Host: a'

    expect(forward(text, { upgrade: 'websocket' })).toBe(
      request(host, 'upgrade: websocket', 'connection: upgrade'),
    )
    expect(forward(text, { connection: 'close' })).toBe(request(host, 'connection: close'))
    expect(forward(text, { acceptsTrailers: true, connection: 'keep-alive' })).toBe(
      request(host, 'te: trailers', 'connection: te, keep-alive'),
    )
  })

  it('makes a request out of strings', () => {
    const plan = Object.assign(new RequestPlan(), {
      method: 'POST',
      target: '/x',
      host: 'b',
      framing: 2,
      fields: new HeaderList([
        ...['host', 'ignored', 'content-length', '9', 'connection', 'close', 'x-a', '1'],
        ...['transfer-encoding', 'chunked', 'x-a', '2'],
      ]),
    })

    expect(compose(plan)).toBe(
      'POST /x HTTP/1.1\r\nhost: b\r\nx-a: 1\r\nx-a: 2\r\ncontent-length: 2\r\n\r\n',
    )
  })

  it.each([
    ['method', { method: 'G T' }],
    ['method', { method: '' }],
    ['target', { target: '' }],
    ['target', { target: 'a' }],
    ['target', { target: '/a b' }],
    ['target', { target: '/a\r\nX: y' }],
    ['target', { target: '/ä' }],
    ['target', { target: '/€' }],
    ['target', { target: '*' }],
    ['target', { method: 'CONNECT', target: '/a' }],
    ['target', { method: 'CONNECT', target: 'a' }],
    ['host', { host: '' }],
    ['host', { host: 'a b' }],
    ['host', { host: 'a\r\nX: y' }],
    ['host', { host: 'u@a' }],
  ])('refuses a %s as in %j', (_, changes) => {
    expect(() => forward(request('Host: a'), changes)).toThrow(
      expect.objectContaining({ code: 'GW_HTTP1_UNSENDABLE' }),
    )
  })

  it('refuses a request for which nobody named a host', () => {
    expect(() => forward('GET / HTTP/1.0\r\n\r\n')).toThrow(
      expect.objectContaining({ code: 'GW_HTTP1_UNSENDABLE' }),
    )
    expect(forward('GET / HTTP/1.0\r\n\r\n', { host: 'a' })).toBe(
      'GET / HTTP/1.1\r\nhost: a\r\n\r\n',
    )
  })

  it.each([
    ['x', 'a\r\nb: c'],
    ['x', 'a\nb'],
    ['x', '\0'],
    ['x', '€'],
    ['x y', 'a'],
    ['', 'a'],
  ])('refuses the field %j: %j', (name, value) => {
    const plan = Object.assign(new RequestPlan(), {
      method: 'GET',
      target: '/',
      host: 'a',
      fields: new HeaderList([name, value]),
    })

    expect(() => compose(plan)).toThrow(expect.objectContaining({ code: 'GW_INVALID_HEADER' }))
  })

  it('says when the buffer is too small, and works again in a larger one', () => {
    const head = parseRequest(request('Host: a', 'Connection: x', 'Y: z', 'Content-Length: 1'))
    const headers = new WireHeaders(head)
    headers.append('x-long', 'value')
    const plan = Object.assign(new RequestPlan(), {
      head,
      fields: headers,
      host: 'b',
      framing: 2,
      connection: 'close',
    })
    const expected = compose(plan)

    for (let size = 0; size < expected.length; size++) {
      expect(composeRequest(Buffer.alloc(size), 0, plan)).toBe(noRoom)
    }
    const out = Buffer.alloc(expected.length + 3)
    expect(composeRequest(out, 3, plan)).toBe(expected.length + 3)
    expect(out.toString('latin1', 3)).toBe(expected)
  })
})

const out = Buffer.alloc(65536)

function forward(
  text: string,
  changes: Partial<RequestPlan> = {},
  edit?: (headers: WireHeaders) => void,
): string {
  const head = parseRequest(text)
  const headers = new WireHeaders(head)
  edit?.(headers)
  const fields = edit === undefined ? head : headers
  return compose(Object.assign(new RequestPlan(), { head, fields, ...changes }))
}

function compose(plan: RequestPlan): string {
  return out.toString('latin1', 0, composeRequest(out, 0, plan))
}

function request(...lines: string[]): string {
  return `GET / HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`
}

/** What a plugin must not be able to do. */
function reframe(headers: WireHeaders): void {
  headers.set('content-length', '7')
  headers.append('transfer-encoding', 'gzip')
}
