import { describe, expect, it } from 'vitest'
import { Method } from '../src/index.ts'
import { cuts, type Reading, readAll, readFirst, type Side } from './drive.ts'
import { type Read, readRequests, readResponses } from './llhttp.ts'
import { differences } from './llhttp-differences.ts'
import { createRandom, mutate, pick } from './mutations.ts'
import { type RandomSource, randomRequest, randomResponse } from './random-messages.ts'

/** Messages that go through llhttp together. */
const batchSize = 250
/** Of 5,000 messages, or of 250,000 in the long mode: half are requests. */
const batches = process.env['GATEWRIGHT_LONG'] === '1' ? 500 : 10
const timeout = 3_600_000

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

describe('what llhttp reads in another way', () => {
  it.each(differences)('is known: $what', async ({ example }) => {
    const [theirs = []] = await readRequests([example])
    const tally = new Tally()

    tally.compare(example, readAll('request', example), theirs)

    expect(tally).toMatchObject({ explained: 1, unexplained: [] })
  })
})

describe('what we accept, llhttp reads the same way', () => {
  it('requests', { timeout }, async () => {
    const random = createRandom(1)
    const tally = new Tally()

    for (let round = 0; round < batches; round++) {
      const texts = some(() => makeRequest(random) + next)
      const theirs = await readRequests(texts)
      for (const [i, text] of texts.entries()) {
        const ours = readAll('request', text)
        expectSameForEveryCut('request', text, Method.other, ours)
        tally.compare(text, ours, theirs[i] ?? [])
      }
    }

    expect(tally.unexplained).toEqual([])
    // Enough messages are harmless, or this test would show nothing.
    expect(tally.same).toBeGreaterThan(batchSize * batches * 0.5)
  })

  it.each(['GET', 'HEAD'] as const)('responses to %s', { timeout }, async (method) => {
    const random = createRandom(method === 'GET' ? 2 : 3)
    const number = method === 'GET' ? Method.get : Method.head
    const tally = new Tally()

    for (let round = 0; round < batches; round += 2) {
      const texts = some(() => makeResponse(random))
      const theirs = await readResponses(texts, method)
      for (const [i, text] of texts.entries()) {
        const ours = readAll('response', text, number)
        expectSameForEveryCut('response', text, number, ours)
        tally.compare(text, finalResponse(ours), [theirs[i]].filter(isRead))
      }
    }

    expect(tally.unexplained).toEqual([])
    expect(tally.same).toBeGreaterThan(batchSize * batches * 0.15)
  })
})

/** What came of all comparisons. */
class Tally {
  same = 0
  explained = 0
  readonly unexplained: unknown[] = []

  /** Compares the messages that we have read; llhttp may have read more. */
  compare(text: string, ours: readonly Reading[], theirs: readonly Read[]): void {
    for (const [i, reading] of ours.filter(isComplete).entries()) {
      const our = { ...asRead(reading), complete: true }
      const their = theirs[i]
      if (JSON.stringify(our) === JSON.stringify(their)) this.same++
      else {
        const known = differences.some(({ explains }) => explains(text, reading))
        if (!known) this.unexplained.push({ text, our, their })
        else this.explained++
        // What follows is not read from the same place.
        return
      }
    }
  }
}

function makeRequest(random: RandomSource): string {
  return random() < 0.3 ? mutate(pick(requests, random), random) : randomRequest(random)
}

function makeResponse(random: RandomSource): string {
  return random() < 0.3 ? mutate(pick(responses, random), random) : randomResponse(random)
}

function some(make: () => string): string[] {
  return Array.from({ length: batchSize }, make)
}

/** Wherever a message is cut, we read the same; what we refuse is not accepted in two pieces. */
function expectSameForEveryCut(
  side: Side,
  text: string,
  method: number,
  [whole]: readonly Reading[],
): void {
  const expected = completeText(whole)
  for (const pieces of cuts(text)) {
    const found = completeText(readFirst(side, pieces, method))
    const at = pieces[0]?.length
    if (found !== expected) expect({ text, at, found }).toEqual({ text, at, found: expected })
  }
}

function completeText(reading: Reading | undefined): string {
  return reading?.outcome === 'complete' ? JSON.stringify(reading) : ''
}

/** Without the interim responses before it; node:http reports 101 in another way. */
function finalResponse(readings: readonly Reading[]): Reading[] {
  const final = readings.find(({ start }) => !start.startsWith('1'))
  const switches = readings.some(({ start }) => start.startsWith('101'))
  return final === undefined || switches ? [] : [final]
}

function isComplete({ outcome }: Reading): boolean {
  return outcome === 'complete'
}

function isRead(read: Read | undefined): read is Read {
  return read !== undefined
}

function asRead(reading: Reading): Omit<Read, 'complete'> {
  return {
    start: reading.start,
    fields: reading.fields,
    body: reading.body,
    trailers: [...reading.trailers],
  }
}
