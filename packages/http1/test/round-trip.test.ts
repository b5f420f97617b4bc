import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { read } from './drive.ts'
import { blanks, body, chunkedBody, fields, host, method, split, target } from './messages.ts'

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 })

describe('valid messages', () => {
  it('are read as they were made: requests with a length', () => {
    fc.assert(
      fc.property(
        method,
        target,
        host,
        fields,
        blanks,
        body,
        sizes,
        (m, t, h, list, blank, data, cuts) => {
          const lines = list.map(([name, value]) => `${name}:${blank}${value}${blank}\r\n`).join('')
          const bytes = `${m} ${t} HTTP/1.1\r\n${lines}Host:${blank}${h}\r\nContent-Length: ${data.length}\r\n\r\n${data}next`

          expect(read('request', split(bytes, cuts))).toEqual({
            outcome: 'complete',
            start: `${m} ${t}`,
            host: h,
            fields: [
              ...list.flatMap(([name, value]) => [name.toLowerCase(), value]),
              ...['host', h, 'content-length', String(data.length)],
            ],
            body: data,
            trailers: [],
            rest: 'next',
          })
        },
      ),
    )
  })

  it('are read as they were made: responses in chunks with trailers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304),
        fields,
        fields,
        body,
        sizes,
        sizes,
        (status, list, trailers, data, chunks, cuts) => {
          const lines = list.map(([name, value]) => `${name}: ${value}\r\n`).join('')
          const last = trailers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
          const bytes =
            `HTTP/1.1 ${status} Why not\r\nTransfer-Encoding: chunked\r\n${lines}\r\n` +
            `${chunkedBody(data, chunks, last)}next`

          expect(read('response', split(bytes, cuts))).toEqual({
            outcome: 'complete',
            start: `${status} Why not`,
            host: '',
            fields: [
              ...['transfer-encoding', 'chunked'],
              ...list.flatMap(([name, value]) => [name.toLowerCase(), value]),
            ],
            body: data,
            trailers: trailers.flatMap(([name, value]) => [name.toLowerCase(), value]),
            rest: 'next',
          })
        },
      ),
    )
  })
})

describe('any bytes', () => {
  it('are read the same however they are split, once their line is complete', () => {
    const noise = fc.array(
      fc.constantFrom(
        'GET / HTTP/1.1\r\n',
        'Host: a\r\n',
        '\r\n',
        '\r',
        '\n',
        ':',
        ' ',
        'x',
        '\0',
        '\xe9',
        'Transfer-Encoding: chunked\r\n',
        '1\r\na\r\n',
        '0\r\n',
      ),
      { maxLength: 15 },
    )
    fc.assert(
      fc.property(noise, sizes, (parts, cuts) => {
        const bytes = `${parts.join('')}\n`

        expect(read('request', split(bytes, cuts))).toEqual(read('request', split(bytes, [])))
        expect(read('response', split(bytes, cuts))).toEqual(read('response', split(bytes, [])))
      }),
      { numRuns: 1000 },
    )
  })
})
