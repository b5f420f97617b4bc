import { describe, expect, it } from 'vitest'
import { type Reading, readAll } from './drive.ts'
import { type Read, readRequests, readResponses } from './llhttp.ts'
import { createRandom, mutate, pick } from './mutations.ts'

const batch = 250
const batches = 48

const next = 'GET /next HTTP/1.1\r\nHost: z\r\n\r\n'

const requests = [
  'GET /a?b HTTP/1.1\r\nHost: a\r\nX-A: b\r\nx-a:c \r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: a:80\r\n\r\n1;a=b\r\nx\r\nA\r\n0123456789\r\n0\r\nT: u\r\n\r\n',
  'DELETE / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET http://b/c HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
]

const responses = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'HTTP/1.1 404 Not  Found\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n1;a\r\nx\r\nA\r\n0123456789\r\n0\r\nT: u\r\n\r\n',
  'HTTP/1.0 200 OK\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 204 No Content\r\nX: y\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
]

describe('what we accept, llhttp reads the same way', () => {
  it('requests', async () => {
    const random = createRandom(1)
    let accepted = 0

    for (let round = 0; round < batches; round++) {
      const texts = Array.from(
        { length: batch },
        () => mutate(pick(requests, random), random) + next,
      )
      const theirs = await readRequests(texts)
      for (const [i, text] of texts.entries()) {
        accepted += expectSameRequests(text, theirs[i] ?? [])
      }
    }

    // Enough mutations are harmless, or this test would show nothing.
    expect(accepted).toBeGreaterThan(batch * batches * 0.1)
  })

  it('responses', async () => {
    const random = createRandom(2)
    let accepted = 0

    for (let round = 0; round < batches; round++) {
      const texts = Array.from({ length: batch }, () => mutate(pick(responses, random), random))
      const theirs = await readResponses(texts)
      for (const [i, text] of texts.entries()) {
        accepted += expectSameResponse(text, theirs[i])
      }
    }

    expect(accepted).toBeGreaterThan(batch * batches * 0.1)
  })
})

/** Returns how many requests both have read. */
function expectSameRequests(text: string, theirs: readonly Read[]): number {
  const ours = readAll('request', text).filter(isComplete)
  for (const [i, reading] of ours.entries()) {
    if (isKnownDifference(text, reading)) return i
    expect({ text, ...theirs[i] }).toEqual({ text, ...asRead(reading), complete: true })
  }
  return ours.length
}

function expectSameResponse(text: string, theirs: Read | undefined): number {
  const reading = readAll('response', text)[0]
  if (reading === undefined || !isComplete(reading) || isKnownDifference(text, reading)) return 0
  expect({ text, ...theirs }).toEqual({ text, ...asRead(reading), complete: true })
  return 1
}

function isComplete(reading: Reading): boolean {
  return reading.outcome === 'complete'
}

const ordinaryStart = /^(?:GET|POST|PUT|DELETE|OPTIONS|HEAD|PATCH|TRACE|[2-5]\d\d) /
const chunkExtension = /\n[\da-f]+(;[^\r\n]*)/gi
const grammaticalExtension = /^(?:;[\w!#$%&'*+.^`|~-]+(?:=(?:[\w!#$%&'*+.^`|~-]+|"[^"]*"))?)+$/

/**
 * What llhttp refuses or reads otherwise, for reasons:
 *
 * - Methods are tokens and may be extended (RFC 9110 section 9.1); llhttp has a closed list.
 * - A response with 1xx is not the answer, so node:http does not report it as one.
 * - Chunk extensions are dropped here, so their grammar does not matter; llhttp checks some of it.
 * - A tab is white space after `chunked` as well (RFC 9110 section 5.6.3); not for llhttp. What is
 *   sent on says `chunked` without it.
 */
function isKnownDifference(text: string, { start }: Reading): boolean {
  const extensions = [...text.matchAll(chunkExtension)].map((match) => match[1] ?? '')
  return (
    !ordinaryStart.test(start) ||
    extensions.some((extension) => !grammaticalExtension.test(extension)) ||
    /chunked *\t/i.test(text)
  )
}

function asRead(reading: Reading): Omit<Read, 'complete'> {
  return {
    start: reading.start,
    fields: reading.fields,
    body: reading.body,
    trailers: [...reading.trailers],
  }
}
