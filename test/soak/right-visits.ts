/**
 * Clients that do everything right: every response to them is checked to its last byte.
 *
 * @module
 */
import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { requestBytes } from '@gatewright/testing'
import { contentOf } from './content.ts'
import type { Visit, Visitor } from './visitor.ts'

export const rightVisits: readonly Visit[] = [
  {
    name: 'keep-alive',
    weight: 30,
    run: async (visitor) => {
      const { random } = visitor
      const client = await visitor.connect()
      for (let left = 1 + random.below(20); left > 0; left--) {
        const wanted = want(visitor, '/api', 30_000)
        await client.send(wanted.bytes)
        await visitor.readContent(client, wanted.target, wanted.id, wanted.size)
      }
    },
  },
  {
    name: 'pipelining',
    weight: 12,
    run: async (visitor) => {
      const client = await visitor.connect()
      for (let left = 1 + visitor.random.below(4); left > 0; left--) {
        const batch = Array.from({ length: 2 + visitor.random.below(6) }, () =>
          want(visitor, '/api', 10_000),
        )
        await client.send(Buffer.concat(batch.map(({ bytes }) => bytes)))
        for (const { target, id, size } of batch) {
          await visitor.readContent(client, target, id, size)
        }
      }
    },
  },
  {
    name: 'retried',
    weight: 12,
    run: async (visitor) => {
      const client = await visitor.connect()
      for (let left = 1 + visitor.random.below(5); left > 0; left--) {
        const wanted = want(visitor, '/again', 5000, ['flaky', 'restless'])
        await client.send(wanted.bytes)
        await visitor.readContent(client, wanted.target, wanted.id, wanted.size)
      }
    },
  },
  {
    name: 'slow upstream',
    weight: 4,
    run: async (visitor) => {
      const client = await visitor.connect()
      const wanted = want(visitor, '/api', 20_000, ['drip', 'events'])
      await client.send(wanted.bytes)
      await visitor.readContent(client, wanted.target, wanted.id, wanted.size)
    },
  },
  {
    name: 'big download',
    weight: 3,
    run: async (visitor) => {
      const client = await visitor.connect()
      const wanted = want(visitor, '/api', 8_000_000)
      await client.send(wanted.bytes)
      await visitor.readContent(client, wanted.target, wanted.id, wanted.size)
    },
  },
  {
    name: 'slow reader',
    weight: 3,
    run: async (visitor) => {
      const client = await visitor.connect()
      const wanted = want(visitor, '/api', 4_000_000)
      await client.send(wanted.bytes)
      await visitor.readContent(client, wanted.target, wanted.id, wanted.size, async () => {
        client.pause()
        await delay(visitor.random.below(5))
        client.resume()
      })
    },
  },
  { name: 'upload', weight: 8, run: (visitor) => upload(visitor, 50_000) },
  { name: 'big upload', weight: 3, run: (visitor) => upload(visitor, 4_000_000) },
]

interface Wanted {
  readonly id: number
  readonly size: number
  /** As it reaches the upstream. */
  readonly target: string
  readonly bytes: Buffer
}

function want(
  visitor: Visitor,
  prefix: string,
  maxSize: number,
  ways: readonly [string, ...string[]] = ['plain', 'chunks', 'plain', 'chunks', 'closing'],
): Wanted {
  const { random } = visitor
  const id = visitor.id()
  const size = random.chance(0.1) ? 0 : random.below(maxSize)
  const target = `/${random.pick(ways)}/${id}/${size}`
  return { id, size, target, bytes: requestBytes('GET', prefix + target, 'soak.test') }
}

/** Sends a body and expects its digest. */
async function upload(visitor: Visitor, maxSize: number): Promise<void> {
  const { random } = visitor
  const client = await visitor.connect()
  for (let left = 1 + random.below(3); left > 0; left--) {
    const content = contentOf(visitor.id(), random.below(maxSize))
    const chunked = random.chance(0.5)
    const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${content.length}`
    await client.send(`PUT /api/upload/1/0 HTTP/1.1\r\nHost: soak.test\r\n${framing}\r\n\r\n`)
    const step = 1 + random.below(100_000)
    for (let from = 0; from < content.length; from += step) {
      const piece = content.subarray(from, from + step)
      await client.send(chunked ? chunkOf(piece) : piece)
    }
    if (chunked) await client.send('0\r\n\r\n')
    const response = await client.readResponse({ method: 'PUT' })
    visitor.count(response.status)
    const digest = createHash('sha256').update(content).digest('hex')
    if (response.status !== 200 || response.text !== digest) {
      throw new Error(`upload of ${content.length} bytes: ${response.status} ${response.text}`)
    }
  }
}

function chunkOf(piece: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`${piece.length.toString(16)}\r\n`),
    piece,
    Buffer.from('\r\n'),
  ])
}
