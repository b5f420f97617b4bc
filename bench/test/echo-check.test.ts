import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientFrame, EchoCheck, serverFrame } from '../src/load/echo-check.ts'
import { createPayload } from '../src/payload.ts'

const handshake =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n'
const frame = serverFrame(createPayload(300))

describe('frames', () => {
  // But for the kind of message, the examples of RFC 6455 section 5.7.
  it('of clients are masked', () => {
    expect(clientFrame(Buffer.from('Hello')).toString('hex')).toBe('828537fa213d7f9f4d5158')
  })

  it.each([
    { bytes: 125, head: '827d' },
    { bytes: 126, head: '827e007e' },
    { bytes: 256, head: '827e0100' },
    { bytes: 65_535, head: '827effff' },
  ])('of servers with $bytes bytes begin with $head', ({ bytes, head }) => {
    const payload = createPayload(bytes)

    expect(serverFrame(payload)).toEqual(Buffer.concat([Buffer.from(head, 'hex'), payload]))
  })

  it('are not made of more than they have room for', () => {
    expect(() => serverFrame(createPayload(65_536))).toThrow('65536 bytes')
  })
})

describe('EchoCheck', () => {
  it('finds handshake and echoes wherever they are cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), (size) => {
        const check = new EchoCheck(frame)
        const parts = [Buffer.from(handshake), frame, frame].map((part) =>
          split(part, size).map((piece) => check.push(piece)),
        )
        for (const complete of parts) {
          expect(complete.filter(Boolean)).toHaveLength(1)
          expect(complete.at(-1)).toBe(true)
        }
      }),
    )
  })

  it.each([
    { name: 'a refusal', text: 'HTTP/1.1 502 Bad Gateway\r\n\r\n', problem: '502' },
    { name: 'another key', text: handshake.replace('s3p', 's3q'), problem: 'right answer' },
    { name: 'too early a message', text: `${handshake}x`, problem: 'behind the handshake' },
  ])('notices $name', ({ text, problem }) => {
    expect(() => new EchoCheck(frame).push(Buffer.from(text))).toThrow(problem)
  })

  it('notices a wrong byte and one too many', () => {
    const check = new EchoCheck(frame)
    check.push(Buffer.from(handshake))

    expect(() => check.push(serverFrame(Buffer.alloc(300, 'x')))).toThrow('a wrong byte')
    expect(() => check.push(Buffer.concat([frame, frame]))).toThrow('bytes behind an echo')
  })
})

function split(bytes: Buffer, size: number): readonly Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
}
