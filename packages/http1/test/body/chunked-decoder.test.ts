import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChunkedDecoder, defaultLimits, Fault } from '../../src/index.ts'

describe('ChunkedDecoder', () => {
  it('gives data where it stands, without a copy', () => {
    const buf = Buffer.from('..3\r\nabc\r\n0\r\n\r\nrest')
    const pieces: unknown[] = []

    const used = new ChunkedDecoder(defaultLimits).feed(buf, 2, buf.length, {
      onData: (data, start, end) => pieces.push([data === buf, start, end]),
    })

    expect(pieces).toEqual([[true, 5, 8]])
    expect(buf.toString('latin1', 2 + used)).toBe('rest')
  })

  it('tells when chunks begin and end', () => {
    const log = decode(['3\r\na', 'bc\r', '\n1', '0\r\n', 'd'.repeat(16), '\r\n0\r\n\r\n']).log

    expect(log).toEqual([
      'chunk 3',
      'data a',
      'data bc',
      'end',
      'chunk 16',
      `data ${'d'.repeat(16)}`,
      'end',
    ])
  })

  it('gives trailers in lower case and in order', () => {
    const { decoder } = decode(['0\r\nX-Sum: 1\r\nset-cookie: a\r\nX-Sum:  2 \r\n\r\n'])

    expect(decoder.done).toBe(true)
    expect(decoder.trailers).toEqual(['x-sum', '1', 'set-cookie', 'a', 'x-sum', '2'])
  })

  it('has no trailers before the end', () => {
    expect(decode(['0\r\nX: y\r\n']).decoder.trailers).toEqual([])
  })

  it('uses nothing after the end', () => {
    const { decoder, used } = decode(['0\r\n\r\n', 'GET / HTTP/1.1\r\n'])

    expect(used).toEqual([5, 0])
    expect(decoder.done).toBe(true)
  })

  it('decodes another body after a reset', () => {
    const { decoder } = decode(['0;x\r\nA: b\r\n\r\n'])

    decoder.reset()

    expect(decoder.done).toBe(false)
    expect(decoder.trailers).toEqual([])
    expect(decoder.feed(Buffer.from('0\r\n\r\n'), 0, 5, { onData() {} })).toBe(5)
    expect(decoder.done).toBe(true)
    expect(decoder.trailers).toEqual([])
  })

  it('counts extensions and trailers of a message together', () => {
    const limits = { ...defaultLimits, chunkOverheadBytes: 20 }

    expect(decode(['1;xxxxxxxx\r\na\r\n0\r\nA: 3456789\r\n\r\n'], limits).used).toEqual([32])
    expect(decode(['1;xxxxxxxx\r\na\r\n0\r\nA: 34567890\r\n\r\n'], limits).used).toEqual([
      Fault.chunkOverheadTooLarge,
    ])
  })

  it('reads a size of 13 digits exactly', () => {
    const { log } = decode(['fffffffffffff\r\n'])

    expect(log).toEqual([`chunk ${2 ** 52 - 1}`])
  })
})

describe('ChunkedDecoder: passable', () => {
  it.each([
    [['3\r\nabc\r\n0\r\n\r\n'], [true]],
    [
      ['1a\r\n', 'x'.repeat(26), '\r\n', '0\r\n\r\n'],
      [true, true, true, true],
    ],
    [
      ['3\r\nab', 'c', '\r\n1\r\nd\r\n'],
      [true, true, true],
    ],
    [
      ['3', '\r\nabc\r\n'],
      [false, false],
    ],
    [
      ['3\r', '\nabc\r\n', '1\r\na\r\n'],
      [false, false, true],
    ],
    [
      ['3\r\nabc\r', '\n', '1\r\na'],
      [false, false, true],
    ],
    [
      ['1A\r\nx', 'y'],
      [false, true],
    ],
    [
      ['03\r\nabc\r\n', '1\r\na\r\n'],
      [false, true],
    ],
    [
      ['3;a\r\nabc\r\n', '1\r\na\r\n'],
      [false, true],
    ],
    [
      ['0\r\n', '\r\n'],
      [false, false],
    ],
    [['00\r\n\r\n'], [false]],
    [['0\r\nA: b\r\n\r\n'], [false]],
    [
      ['1\r\na\r\n', '0\r\nA: b\r\n\r\n'],
      [true, false],
    ],
  ])('%j: %j', (pieces, passable) => {
    expect(decode(pieces).passable).toEqual(passable)
  })

  it('is what the same body has after it was decoded and written chunk by chunk', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('', '0', ';x'), fc.string({ minLength: 1 }))),
        fc.array(fc.nat(200)),
        (chunks, at) => {
          const bytes = `${chunks.map(([odd, data]) => encode(odd, data)).join('')}0\r\n\r\n`
          const pieces = splitAt(bytes, at)
          const { passable, relayed } = decode(pieces)

          const sent = pieces.map((piece, i) => (passable[i] ? piece : relayed[i])).join('')

          expect(sent).toBe(`${chunks.map(([, data]) => encode('', data)).join('')}0\r\n\r\n`)
        },
      ),
    )
  })
})

/** Feeds pieces and writes down everything that happens. */
function decode(pieces: readonly string[], limits = defaultLimits) {
  const decoder = new ChunkedDecoder(limits)
  const log: string[] = []
  const used: number[] = []
  const passable: boolean[] = []
  const relayed: string[] = []
  for (const piece of pieces) {
    const buf = Buffer.from(piece, 'latin1')
    const wasDone = decoder.done
    let output = ''
    used.push(
      decoder.feed(buf, 0, buf.length, {
        onChunk(size) {
          log.push(`chunk ${size}`)
          output += `${size.toString(16)}\r\n`
        },
        onData(data, start, end) {
          log.push(`data ${data.toString('latin1', start, end)}`)
          output += data.toString('latin1', start, end)
        },
        onChunkEnd() {
          log.push('end')
          output += '\r\n'
        },
      }),
    )
    if (decoder.done && !wasDone) output += '0\r\n\r\n'
    passable.push(decoder.passable)
    relayed.push(output)
  }
  return { decoder, log, used, passable, relayed }
}

function encode(odd: string, data: string): string {
  const size = data.length.toString(16)
  const bytes = Array.from({ length: data.length }, (_, i) =>
    String.fromCharCode(data.charCodeAt(i) & 0xff),
  ).join('')
  return odd === ';x' ? `${size};x\r\n${bytes}\r\n` : `${odd}${size}\r\n${bytes}\r\n`
}

function splitAt(text: string, at: readonly number[]): string[] {
  const places = [...new Set(at.filter((place) => place > 0 && place < text.length))]
  const sorted = [0, ...places.toSorted((a, b) => a - b), text.length]
  return sorted.slice(1).map((end, i) => text.slice(sorted[i], end))
}
