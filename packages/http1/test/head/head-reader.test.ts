import { describe, expect, it } from 'vitest'
import {
  defaultLimits,
  Fault,
  Head,
  HeadReader,
  http2Preface,
  incomplete,
  parseRequestHead,
} from '../../src/index.ts'

const request = 'GET /path HTTP/1.1\r\nHost: a\r\nX-B: c\r\n\r\n'

describe('HeadReader', () => {
  it('says how many bytes of the last read belong to the head', () => {
    const { reader, head } = create()
    const [first, second] = [Buffer.from(request.slice(0, 25)), Buffer.from(request.slice(25))]
    const more = Buffer.concat([Buffer.from('..'), second, Buffer.from('body')])

    expect(reader.read(first, 0, first.length, head)).toBe(incomplete)
    expect(reader.kept).toBe(25)
    expect(reader.read(more, 2, more.length, head)).toBe(second.length)
    expect(reader.kept).toBe(0)
    expect(head.toFields()).toEqual(['host', 'a', 'x-b', 'c'])
  })

  it('reads one head after the other', () => {
    const { reader } = create()
    const buf = Buffer.from(request + request)
    const [first, second] = [new Head(), new Head()]

    const used = reader.read(buf, 0, buf.length, first)
    expect(used).toBe(request.length)
    expect(reader.read(buf, used, buf.length, second)).toBe(request.length)
    expect(second.targetText).toBe('/path')
  })

  it('shows a fault with the line that has it, long before the head ends', () => {
    const { reader, head } = create()
    const pieces = ['GET / HTTP/1.1\r', '\n', 'Host: a\r\nX', ' : y\r', '\n']

    const results = pieces.map((piece) => reader.read(Buffer.from(piece), 0, piece.length, head))

    expect(results).toEqual([0, 0, 0, 0, Fault.badFieldName])
  })

  it('keeps no more than a head may have', () => {
    const { reader, head } = create({ ...defaultLimits, requestHeadBytes: 64 }, 64)
    const buf = Buffer.from(`GET / HTTP/1.1\r\nX: ${'y'.repeat(30)}`)

    expect(reader.read(buf, 0, buf.length, head)).toBe(incomplete)
    expect(reader.read(Buffer.alloc(100_000, 'y'), 0, 100_000, head)).toBe(Fault.headTooLarge)
    expect(head.buf.length).toBeLessThan(2000)
  })

  it('leaves a preface of HTTP/2 to somebody else with all its bytes', () => {
    const { reader, head } = create()
    const [first, second] = [Buffer.from('PRI * HTT'), Buffer.from('P/2.0\r\n\r\nSM\r\n\r\nmore')]

    expect(reader.read(first, 0, first.length, head)).toBe(incomplete)
    expect(reader.read(second, 0, second.length, head)).toBe(http2Preface)
    expect(head.buf.toString('latin1', 0, reader.kept)).toBe('PRI * HTT')
  })

  it('looks at each byte a bounded number of times', () => {
    const lines = Array.from({ length: 90 }, (_, i) => `X-${i}: ${'v'.repeat(100)}\r\n`).join('')
    const text = `GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`
    let parsed = 0
    const reader = new HeadReader(
      (buf, start, end, head, limits) => {
        parsed += end - start - head.parsed
        return parseRequestHead(buf, start, end, head, limits)
      },
      defaultLimits,
      defaultLimits.requestHeadBytes,
    )
    const head = new Head()

    for (const byte of Buffer.from(text)) reader.read(Buffer.from([byte]), 0, 1, head)

    expect(head.count).toBe(91)
    expect(parsed).toBeLessThan(2 * text.length)
  })

  it('can forget an unfinished head', () => {
    const { reader } = create()
    const buf = Buffer.from(request)

    reader.read(buf, 0, 10, new Head())
    reader.reset()

    expect(reader.kept).toBe(0)
    expect(reader.read(buf, 0, buf.length, new Head())).toBe(buf.length)
  })
})

function create(limits = defaultLimits, max = limits.requestHeadBytes) {
  return { reader: new HeadReader(parseRequestHead, limits, max), head: new Head() }
}
