import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPayload } from '../src/payload.ts'
import { UpstreamConnection } from '../src/upstream/upstream-connection.ts'

const get = Buffer.from('GET /payload/20 HTTP/1.1\r\nHost: x\r\n\r\n')
const upload = createPayload(1000)
const post = Buffer.concat([
  Buffer.from('POST /payload/2 HTTP/1.1\r\nHost: x\r\ncontent-length: 1000\r\n\r\n'),
  upload,
])

describe('UpstreamConnection', () => {
  it('answers with the payload that the target asks for', () => {
    expect(answersTo([get])).toMatch(/^HTTP\/1\.1 200 OK\r\n(?:.+\r\n)+\r\n.{20}$/)
    expect(answersTo([get])).toContain(createPayload(20).toString())
  })

  it('answers each of several requests, wherever they are cut', () => {
    const bytes = Buffer.concat([get, post, get])
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.nat(bytes.length), (a, b) => {
        const [first, second] = a < b ? [a, b] : [b, a]
        const answers = answersTo([
          bytes.subarray(0, first),
          bytes.subarray(first, second),
          bytes.subarray(second),
        ])
        expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3)
      }),
    )
  })

  it('refuses a body with one wrong byte, and goes on', () => {
    const wrong = Buffer.from(post)
    wrong[wrong.length - 500] = 0

    expect(answersTo([wrong, get])).toMatch(/^HTTP\/1\.1 422 [^]*HTTP\/1\.1 200 OK/)
  })

  it.each([
    'DELETE /payload/1 HTTP/1.1\r\n\r\n',
    'GET /other HTTP/1.1\r\n\r\n',
    'POST /payload/1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n',
  ])('answers 400 to what it does not understand', (text) => {
    expect(answersTo([Buffer.from(text)])).toMatch(/^HTTP\/1\.1 400 /)
  })
})

function answersTo(pieces: readonly Buffer[]): string {
  let answers = ''
  const add = (bytes: Buffer | string): void => {
    answers += bytes.toString()
  }
  const connection = new UpstreamConnection({ write: add, end: add })
  for (const piece of pieces) connection.push(piece)
  return answers
}
