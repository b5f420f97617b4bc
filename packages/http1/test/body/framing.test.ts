import { describe, expect, it } from 'vitest'
import { Framing, Method, requestFraming, responseFraming } from '../../src/index.ts'
import { parseRequest, parseResponse } from '../head/parsed.ts'

describe('requestFraming', () => {
  it.each([
    ['Content-Length: 5\r\n', 5],
    ['Content-Length: 0\r\n', 0],
    ['Transfer-Encoding: chunked\r\n', Framing.chunked],
    ['', Framing.none],
  ])('POST with "%s": %i', (line, framing) => {
    const head = parseRequest(`POST / HTTP/1.1\r\nHost: a\r\n${line}\r\n`)

    expect(requestFraming(head)).toBe(framing)
  })
})

describe('responseFraming', () => {
  const length = 'Content-Length: 5\r\n'
  const chunked = 'Transfer-Encoding: chunked\r\n'

  it.each([
    [200, length, Method.get, 5],
    [200, chunked, Method.get, Framing.chunked],
    [200, '', Method.get, Framing.untilClose],
    [404, '', Method.post, Framing.untilClose],
    [200, length, Method.head, Framing.omitted],
    [200, chunked, Method.head, Framing.omitted],
    [304, length, Method.get, Framing.omitted],
    [304, '', Method.get, Framing.omitted],
    [204, length, Method.get, Framing.none],
    [204, chunked, Method.get, Framing.none],
    [100, '', Method.post, Framing.none],
    [103, length, Method.get, Framing.none],
    [101, '', Method.get, Framing.none],
    [200, length, Method.connect, Framing.none],
    [299, chunked, Method.connect, Framing.none],
    [407, length, Method.connect, 5],
  ])('%i with "%s" to method %i: %i', (status, line, method, framing) => {
    const head = parseResponse(`HTTP/1.1 ${status} x\r\n${line}\r\n`)

    expect(responseFraming(head, method)).toBe(framing)
  })
})
