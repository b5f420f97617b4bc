import { describe, expect, it } from 'vitest'
import { closeFrame, frameOf } from '../../src/messages/frame.ts'
import { FrameReader } from '../../src/messages/frame-reader.ts'

const key = [1, 2, 3, 4]
const server = { masked: false, compressed: false }
const client = { masked: true, compressed: false }
const text = [0x01, 0]

describe('the head of a frame', () => {
  it.each([
    ['a short text', server, [0x81, 5], { opcode: 1, final: true, length: 5, headBytes: 2 }],
    ['bytes of a client', client, [0x82, 0x85, ...key], { opcode: 2, length: 5, headBytes: 6 }],
    ['126 bytes', server, [0x82, 126, 0, 126], { length: 126, headBytes: 4 }],
    ['65,535 bytes', server, [0x82, 126, 0xff, 0xff], { length: 65_535 }],
    [
      '65,536 bytes',
      server,
      [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0],
      { length: 65_536, headBytes: 10 },
    ],
    [
      'as much as a number can say',
      server,
      [0x82, 127, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      { length: Number.MAX_SAFE_INTEGER },
    ],
    ['a fragment', server, [0x01, 1], { opcode: 1, final: false }],
    ['a ping', server, [0x89, 125], { opcode: 9, isControl: true, length: 125 }],
    [
      'something compressed',
      { ...server, compressed: true },
      [0xc1, 5],
      { opcode: 1, compressed: true },
    ],
  ])('tells of %s once it is there', (_, rules, bytes, expected) => {
    const reader = new FrameReader(rules)
    const head = Buffer.from([0xff, ...bytes, 0xff])

    for (let end = 1; end < head.length - 1; end++) expect(reader.read(head, 1, end)).toBe('part')

    expect(reader.read(head, 1, head.length - 1)).toBe('frame')
    expect(reader).toMatchObject(expected)
  })

  it.each([
    ['a reserved bit is set', server, [0x91, 0]],
    ['a reserved bit is set', server, [0xa1, 0]],
    ['a reserved bit is set', server, [0xc1, 0]],
    ['a reserved bit is set', { ...server, compressed: true }, [0xc9, 0]],
    ['a reserved bit is set', { ...server, compressed: true }, [...text, 0xc0, 0]],
    ['there is no opcode 3', server, [0x83, 0]],
    ['there is no opcode 7', server, [0x87, 0]],
    ['there is no opcode 11', server, [0x8b, 0]],
    ['there is no opcode 15', server, [0x8f, 0]],
    ['a control frame is fragmented', server, [0x09, 0]],
    ['a control frame has more than 125 bytes', server, [0x89, 126, 0, 126]],
    ['a message begins within another', server, [...text, 0x81, 0]],
    ['a fragment belongs to no message', server, [0x80, 0]],
    ['a fragment belongs to no message', server, [0x81, 0, 0x80, 0]],
    ['a mask is missing', client, [0x81, 5]],
    ['the frame is masked', server, [0x81, 0x85]],
    ['a length is not minimal', server, [0x81, 126, 0, 125]],
    ['a length is not minimal', server, [0x81, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff]],
    ['a length is out of range', server, [0x81, 127, 0, 0x20, 0, 0, 0, 0, 0, 0]],
    ['a length is out of range', server, [0x81, 127, 0x80, 0, 0, 0, 0, 1, 0, 0]],
  ])('is refused as %s', (problem, rules, bytes) => {
    const reader = new FrameReader(rules)
    const frames = Buffer.from(bytes)
    let at = 0
    let found = reader.read(frames, at, frames.length)
    while (found === 'frame' && at + 2 < frames.length) {
      at += reader.headBytes + reader.length
      found = reader.read(frames, at, frames.length)
    }

    expect(found).toBe('fault')
    expect(reader.problem).toBe(problem)
  })

  it('allows pings within a message', () => {
    const reader = new FrameReader(server)

    const found = [text, [0x89, 0], [0x00, 0], [0x8a, 0], [0x80, 0], [0x81, 0]].map((bytes) =>
      reader.read(Buffer.from(bytes), 0, bytes.length),
    )

    expect(found).toEqual(['frame', 'frame', 'frame', 'frame', 'frame', 'frame'])
  })
})

describe('a frame', () => {
  it.each([0, 125, 126, 65_535, 65_536])('of %i bytes can be read again', (length) => {
    for (const masked of [false, true]) {
      const frame = frameOf({ opcode: 2, payload: Buffer.alloc(length), masked })
      const reader = new FrameReader({ masked, compressed: false })

      expect(reader.read(frame, 0, frame.length)).toBe('frame')
      expect(reader).toMatchObject({ length, headBytes: frame.length - length })
    }
  })

  it('that closes has as much of the reason as fits, in whole characters', () => {
    const frame = closeFrame(4000, 'ü'.repeat(100), false)

    expect(frame).toHaveLength(2 + 2 + 122)
    expect(frame.subarray(4).toString()).toBe('ü'.repeat(61))
  })

  it.each([999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, Number.NaN])(
    'never closes with %d',
    (code) => {
      expect(closeFrame(code, '', false)).toEqual(Buffer.from([0x88, 2, 0x03, 0xf0]))
    },
  )
})
