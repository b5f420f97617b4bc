import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPayload } from '../src/payload.ts'
import { UpstreamConnection } from '../src/upstream/upstream-connection.ts'

const get = Buffer.from('GET /payload/20 HTTP/1.1\r\nHost: x\r\n\r\n')
const upload = createPayload(1000)
const target = 'POST /payload/2/1000 HTTP/1.1\r\nHost: x\r\n'
const counted = Buffer.concat([Buffer.from(`${target}content-length: 1000\r\n\r\n`), upload])
const chunked = Buffer.concat([
  Buffer.from(`${target}transfer-encoding: chunked\r\n\r\n3\r\n`),
  upload.subarray(0, 3),
  Buffer.from('\r\n3E5\r\n'),
  upload.subarray(3),
  Buffer.from('\r\n0\r\n\r\n'),
])

describe('UpstreamConnection', () => {
  it('answers with the payload that the target asks for', () => {
    expect(answersTo([get])).toMatch(/^HTTP\/1\.1 200 OK\r\n(?:.+\r\n)+\r\n.{20}$/)
    expect(answersTo([get])).toContain(createPayload(20).toString())
  })

  it('answers the same with the prefix that proxies may remove', () => {
    const prefixed = Buffer.from('GET /api/payload/20 HTTP/1.1\r\nHost: x\r\n\r\n')

    expect(answersTo([prefixed])).toBe(answersTo([get]))
  })

  it('answers each of several requests, wherever they are cut', () => {
    const bytes = Buffer.concat([get, counted, chunked, get])
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.nat(bytes.length), (a, b) => {
        const [first, second] = a < b ? [a, b] : [b, a]
        const answers = answersTo([
          bytes.subarray(0, first),
          bytes.subarray(first, second),
          bytes.subarray(second),
        ])
        expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(4)
      }),
    )
  })

  it.each([
    { name: 'counted', body: counted },
    { name: 'chunked', body: chunked },
  ])('refuses a $name body with one wrong byte, and goes on', ({ body }) => {
    const wrong = Buffer.from(body)
    wrong[wrong.length - 500] = 0

    expect(answersTo([wrong, get])).toMatch(/^HTTP\/1\.1 422 [^]*HTTP\/1\.1 200 OK/)
  })

  it('refuses a body that is shorter than the target says', () => {
    const short = `${target}content-length: 10\r\n\r\n`

    const answers = answersTo([Buffer.from(short), upload.subarray(0, 10)])

    expect(answers).toMatch(/^HTTP\/1\.1 422 /)
  })

  it.each(['DELETE /payload/1 HTTP/1.1\r\n\r\n', 'GET /other HTTP/1.1\r\n\r\n'])(
    'answers 400 to what it does not understand',
    (text) => {
      expect(answersTo([Buffer.from(text)])).toMatch(/^HTTP\/1\.1 400 /)
    },
  )
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
