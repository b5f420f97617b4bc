import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ResponseCheck } from '../src/load/response-check.ts'
import { createPayload } from '../src/payload.ts'

const body = createPayload(100)
const head = 'HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length: 100\r\n\r\n'
const response = Buffer.concat([Buffer.from(head), body])

describe('ResponseCheck', () => {
  it('finds a response complete wherever it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(response.length)), (cuts) => {
        const check = new ResponseCheck(body)
        const complete = split(response, cuts).map((piece) => check.push(piece))
        expect(complete.filter(Boolean)).toHaveLength(1)
        expect(complete.at(-1)).toBe(true)
      }),
    )
  })

  it('takes one response after the other', () => {
    const check = new ResponseCheck(body)

    expect([check.push(response), check.push(response)]).toEqual([true, true])
  })

  it.each([
    { name: 'another status', text: head.replace('200', '502'), problem: '502' },
    { name: 'another length', text: head.replace('100', '99'), problem: 'content-length 99' },
    {
      name: 'no length',
      text: head.replace('content-length: 100', 'x: y'),
      problem: 'content-length missing',
    },
  ])('refuses $name', ({ text, problem }) => {
    expect(() => new ResponseCheck(body).push(Buffer.from(text))).toThrow(problem)
  })

  it('refuses a body with one wrong byte', () => {
    const wrong = Buffer.from(response)
    wrong[wrong.length - 1] = 0

    expect(() => new ResponseCheck(body).push(wrong)).toThrow('a wrong byte')
  })

  it('refuses bytes behind the end', () => {
    const more = Buffer.concat([response, Buffer.from('x')])

    expect(() => new ResponseCheck(body).push(more)).toThrow('after the end')
  })

  it('refuses a head without an end', () => {
    const check = new ResponseCheck(body)

    expect(() => check.push(Buffer.from('x'.repeat(20_000)))).toThrow('without an end')
  })
})

function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
  return places
    .slice(1)
    .map((place, index) => bytes.subarray(places[index], place))
    .filter(({ length }) => length > 0)
}
