import { describe, expect, it } from 'vitest'
import { Head, HeadPool, Kind, Method, TargetForm } from '../../src/index.ts'
import { parseRequest, parseResponse } from './parsed.ts'

describe('request head', () => {
  it('gives method, target, host and fields as strings on demand', () => {
    const head = parseRequest('PATCH /a?b HTTP/1.1\r\nHost: Ex.com:81\r\nX-A:  b c\t\r\n\r\n')

    expect(head.methodText).toBe('PATCH')
    expect(head.method).toBe(Method.patch)
    expect(head.targetText).toBe('/a?b')
    expect(head.hostText).toBe('Ex.com:81')
    expect(head.toFields()).toEqual(['host', 'Ex.com:81', 'x-a', 'b c'])
  })

  it('gives unknown methods too', () => {
    const head = parseRequest('PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n')

    expect(head.method).toBe(Method.other)
    expect(head.methodText).toBe('PROPFIND')
  })

  it.each([
    ['GET http://b.c:81/d?e HTTP/1.1', TargetForm.absolute, '/d?e', 'b.c:81'],
    ['GET http://b HTTP/1.1', TargetForm.absolute, '/', 'b'],
    ['GET http://b?e HTTP/1.1', TargetForm.absolute, '/?e', 'b'],
    ['OPTIONS http://b HTTP/1.1', TargetForm.absolute, '*', 'b'],
    ['OPTIONS * HTTP/1.1', TargetForm.asterisk, '*', 'a'],
    ['CONNECT b:443 HTTP/1.1', TargetForm.authority, 'b:443', 'b:443'],
    ['GET //b/c HTTP/1.1', TargetForm.origin, '//b/c', 'a'],
  ])('takes %s apart', (line, form, target, host) => {
    const head = parseRequest(`${line}\r\nHost: a\r\n\r\n`)

    expect(head.targetForm).toBe(form)
    expect(head.targetText).toBe(target)
    expect(head.hostText).toBe(host)
  })

  it('has no host if an HTTP/1.0 client names none', () => {
    expect(parseRequest('GET / HTTP/1.0\r\n\r\n').hostText).toBe('')
  })

  it.each([
    ['HTTP/1.1', [], true],
    ['HTTP/1.1', ['Connection: close'], false],
    ['HTTP/1.1', ['Connection: x, CLOSE'], false],
    ['HTTP/1.1', ['Connection: keep-alive', 'Connection: close'], false],
    ['HTTP/1.1', ['Connection: closed'], true],
    ['HTTP/1.0', [], false],
    ['HTTP/1.0', ['Connection: Keep-Alive'], true],
    ['HTTP/1.0', ['Connection: keep-alive, close'], false],
    ['HTTP/1.0', ['Proxy-Connection: keep-alive'], false],
  ])('%s with %j: persistent is %s', (version, lines, persistent) => {
    const head = parseRequest(`GET / ${version}\r\nHost: a\r\n${join(lines)}\r\n`)

    expect(head.persistent).toBe(persistent)
  })

  it.each([
    ['HTTP/1.1', ['Upgrade: x', 'Connection: Upgrade'], true],
    ['HTTP/1.1', ['Connection: keep-alive ,upgrade', 'Upgrade: x'], true],
    ['HTTP/1.1', ['Upgrade: x'], false],
    ['HTTP/1.1', ['Connection: upgrade'], false],
    ['HTTP/1.0', ['Upgrade: x', 'Connection: Upgrade'], false],
  ])('%s with %j: upgrade is %s', (version, lines, upgrade) => {
    const head = parseRequest(`GET / ${version}\r\nHost: a\r\n${join(lines)}\r\n`)

    expect(head.upgrade).toBe(upgrade)
  })

  it.each([
    ['HTTP/1.1', true],
    ['HTTP/1.0', false],
  ])('expects 100 Continue in %s: %s', (version, expected) => {
    const head = parseRequest(`GET / ${version}\r\nHost: a\r\nExpect: 100-Continue\r\n\r\n`)

    expect(head.expectsContinue).toBe(expected)
  })

  it.each([
    ['trailers', true],
    ['deflate;q=0.5, Trailers', true],
    ['trailers;q=1', false],
    ['gzip', false],
  ])('TE: %s accepts trailers: %s', (value, expected) => {
    const head = parseRequest(`GET / HTTP/1.1\r\nHost: a\r\nTE: ${value}\r\n\r\n`)

    expect(head.acceptsTrailers).toBe(expected)
  })

  it.each([
    ['close', false],
    ['keep-alive, Upgrade, TE, HTTP2-Settings', false],
    ['Host, Content-Length, Authorization, X-Forwarded-For, X-Real-Ip', false],
    [',, ,', false],
    ['X-Secret', true],
    ['close, cookie', true],
  ])('Connection: %s nominates fields: %s', (value, expected) => {
    const head = parseRequest(`GET / HTTP/1.1\r\nHost: a\r\nConnection: ${value}\r\n\r\n`)

    expect(head.nominates).toBe(expected)
  })

  it('tells which kinds are there', () => {
    const head = parseRequest('GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: b\r\nFoo: c\r\n\r\n')

    expect(head.has(Kind.host)).toBe(true)
    expect(head.has(Kind.xForwardedFor)).toBe(true)
    expect(head.has(Kind.cookie)).toBe(false)
    expect(head.hostLine).toBe(0)
  })

  it('has room for any number of fields', () => {
    const lines = Array.from({ length: 100 }, (_, i) => `X-${i}: ${'v'.repeat(i)}`)

    const head = parseRequest(`GET / HTTP/1.0\r\n${join(lines)}\r\n`)

    expect(head.count).toBe(100)
    expect(head.name(99)).toBe('x-99')
    expect(head.value(99)).toBe('v'.repeat(99))
  })
})

describe('response head', () => {
  it('gives status, reason and fields', () => {
    const head = parseResponse('HTTP/1.0 404 Gone  fishing\r\nContent-Length: 7\r\n\r\n')

    expect(head.status).toBe(404)
    expect(head.reasonText).toBe('Gone  fishing')
    expect(head.minor).toBe(0)
    expect(head.contentLength).toBe(7)
  })
})

describe('HeadPool', () => {
  it('hands a head out again, as empty as a new one', () => {
    const pool = new HeadPool({ size: 1 })
    const head = parseRequest(
      'POST http://a/ HTTP/1.0\r\nHost: a\r\nContent-Length: 3\r\nConnection: keep-alive, close, x\r\n' +
        'TE: trailers\r\n\r\n',
      pool.take(),
    )

    pool.release(head)

    expect(pool.take()).toBe(head)
    const fresh = new Head()
    for (const key of Object.keys(fresh).filter((name) => !buffers.has(name))) {
      expect([key, Reflect.get(head, key)]).toEqual([key, Reflect.get(fresh, key)])
    }
  })

  it('keeps no more heads than it should, and no large ones', () => {
    const pool = new HeadPool({ size: 1 })
    const [first, second] = [pool.take(), pool.take()]
    const large = parseRequest(`GET / HTTP/1.0\r\nX: ${'y'.repeat(9000)}\r\n\r\n`, pool.take())

    pool.release(large)
    expect(pool.available).toBe(0)
    pool.release(first)
    pool.release(second)
    expect(pool.available).toBe(1)
  })

  it('refuses a head that was released before', () => {
    const pool = new HeadPool()
    const head = pool.take()

    pool.release(head)

    expect(() => pool.release(head)).toThrow('released before')
    expect(pool.available).toBe(1)
    pool.release(pool.take())
  })

  it('overwrites the bytes of a released head when told to', () => {
    const pool = new HeadPool({ poison: true })
    const head = parseRequest('GET /secret HTTP/1.1\r\nHost: a\r\n\r\n', pool.take())

    pool.release(head)

    expect(head.targetText).toBe('')
    expect(head.buf.toString('latin1', 0, 11)).toBe('~'.repeat(11))
  })
})

const buffers = new Set(['buf', 'lines', 'kinds', 'generation'])

function join(lines: readonly string[]): string {
  return lines.map((line) => `${line}\r\n`).join('')
}
