import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ChunkedDecoder,
  defaultLimits,
  maxChunkHeaderBytes,
  noRoom,
  writeChunk,
  writeChunkEnd,
  writeChunkHeader,
  writeLastChunk,
} from '../../src/index.ts'

const out = Buffer.alloc(8192)

describe('writeChunkHeader', () => {
  it.each([
    [1, '1\r\n'],
    [15, 'f\r\n'],
    [16, '10\r\n'],
    [0xabc, 'abc\r\n'],
    [2 ** 52 - 1, 'fffffffffffff\r\n'],
  ])('writes %i in its shortest form', (size, expected) => {
    expect(text(writeChunkHeader(out, 0, size))).toBe(expected)
    expect(expected.length).toBeLessThanOrEqual(maxChunkHeaderBytes)
  })
})

describe('writeChunk', () => {
  it('writes a whole chunk from the middle of a buffer', () => {
    expect(text(writeChunk(out, 0, Buffer.from('..abc..'), 2, 5))).toBe('3\r\nabc\r\n')
  })

  it('writes nothing for no data, which would end the body', () => {
    expect(writeChunk(out, 7, Buffer.from('abc'), 1, 1)).toBe(7)
  })
})

describe('writeLastChunk', () => {
  it('ends a body', () => {
    expect(text(writeLastChunk(out, 0))).toBe('0\r\n\r\n')
  })

  it('writes trailers, but none that frame, route or authenticate', () => {
    const trailers = [
      ['grpc-status', '0'],
      ['content-length', '5'],
      ['transfer-encoding', 'chunked'],
      ['host', 'a'],
      ['authorization', 'b'],
      ['connection', 'close'],
      ['trailer', 'x'],
      ['set-cookie', 'c'],
      ['x-forwarded-for', 'd'],
      ['x-sum', ''],
    ].flat()

    expect(text(writeLastChunk(out, 0, trailers))).toBe('0\r\ngrpc-status: 0\r\nx-sum: \r\n\r\n')
  })

  it('refuses trailers that would end a line', () => {
    expect(() => writeLastChunk(out, 0, ['x', 'a\r\nb: c'])).toThrow(
      expect.objectContaining({ code: 'GW_INVALID_HEADER' }),
    )
  })
})

describe('chunk writers', () => {
  it('say when there is no room', () => {
    const data = Buffer.from('abc')
    for (let length = 0; length < 8; length++) {
      expect(writeChunk(Buffer.alloc(length), 0, data, 0, 3)).toBe(noRoom)
    }
    expect(writeChunk(Buffer.alloc(8), 0, data, 0, 3)).toBe(8)
    expect(writeChunkHeader(Buffer.alloc(2), 0, 1)).toBe(noRoom)
    expect(writeChunkEnd(Buffer.alloc(1), 0)).toBe(noRoom)
    for (let length = 0; length < 11; length++) {
      expect(writeLastChunk(Buffer.alloc(length), 0, ['a', 'b'])).toBe(noRoom)
    }
    expect(writeLastChunk(Buffer.alloc(11), 0, ['a', 'b'])).toBe(11)
  })

  it('write what the decoder reads back, however it is split', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 10 }),
        fc.array(fc.tuple(fc.stringMatching(/^x-[a-z]{1,5}$/), fc.stringMatching(/^[!-~]{0,5}$/))),
        fc.integer({ min: 1, max: 20 }),
        (chunks, trailers, step) => {
          let end = 0
          for (const data of chunks) end = writeChunk(out, end, data, 0, data.length)
          end = writeLastChunk(out, end, trailers.flat())

          const decoder = new ChunkedDecoder(defaultLimits)
          const pieces: Buffer[] = []
          for (let pos = 0; pos < end; pos += step) {
            decoder.feed(out, pos, Math.min(end, pos + step), {
              onData: (buf, start, stop) => pieces.push(Buffer.from(buf.subarray(start, stop))),
            })
          }

          expect(decoder.done).toBe(true)
          expect(Buffer.concat(pieces)).toEqual(Buffer.concat(chunks))
          expect(decoder.trailers).toEqual(trailers.flat())
        },
      ),
    )
  })
})

function text(end: number): string {
  return out.toString('latin1', 0, end)
}
