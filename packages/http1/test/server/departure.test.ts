import { Readable } from 'node:stream'
import type { RawClient } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { type Engine, startEngine } from './engine.ts'

const get = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'
const post = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhe'
const whole = ['abort', 'done', 'close']

type Leave = (client: RawClient) => void
const ways: readonly (readonly [string, Leave])[] = [
  ['a FIN', (client) => client.end()],
  ['an RST', (client) => client.reset()],
]

describe.each(ways)('a client that leaves with %s', (_how, leave) => {
  it.each([
    ['without a word', ''],
    ['within a request line', 'GET /'],
    ['within a head', 'GET / HTTP/1.1\r\nhost'],
  ])('%s troubles nobody', async (_when, bytes) => {
    await using engine = await startEngine()
    using client = await engine.connect()

    await client.send(bytes)
    leave(client)
    await engine.told('close')

    expect(engine.events).toEqual(['close'])
  })

  it('between requests troubles nobody', async () => {
    await using engine = await startEngine()
    using client = await engine.connect()

    await client.send(get)
    await client.readResponse()
    leave(client)
    await engine.told('close')

    expect(engine.events).toEqual(['request GET /', 'done', 'close'])
  })

  it('while its request is answered aborts the exchange', async () => {
    await using engine = await startEngine(() => undefined)
    using client = await engine.connect()

    await client.send(get)
    await engine.told('request GET /')
    leave(client)
    await engine.told('close')

    expect(engine.events).toEqual(['request GET /', ...whole])
  })

  it('while its upload is read fails the reader and aborts the exchange', async () => {
    let failures = 0
    await using engine = await startEngine(({ request }) => {
      request
        .takeBody()
        ?.start({ write: () => true, end: () => undefined, fail: () => void failures++ })
    })
    using client = await engine.connect()

    await client.send(post)
    await engine.told('request POST /')
    leave(client)
    await engine.told('close')

    expect(failures).toBe(1)
    expect(engine.events).toEqual(['request POST /', ...whole])
  })

  it('while its upload waits for a reader aborts the exchange', async () => {
    await using engine = await startEngine(() => undefined)
    using client = await engine.connect()

    await client.send(post)
    await engine.told('request POST /')
    leave(client)
    await engine.told('close')

    expect(engine.events).toEqual(['request POST /', ...whole])
  })

  it('while a response is on its way stops the source of its body', async () => {
    const body = new Readable({ read: () => undefined })
    await using engine = await startEngine(({ respond }) => respond({ status: 200, body }))
    using client = await engine.connect()

    await client.send(get)
    body.push('some')
    await client.readHead()
    leave(client)
    await engine.told('close')

    expect(body.destroyed).toBe(true)
    expect(engine.events).toEqual(['request GET /', ...whole])
  })

  it('with requests in advance aborts the first and begins no other', async () => {
    await using engine = await startEngine(() => undefined)
    using client = await engine.connect()

    await client.send(get.repeat(3))
    await engine.told('request GET /')
    leave(client)
    await engine.told('close')

    expect(engine.events).toEqual(['request GET /', ...whole])
  })

  it('gives back every head', async () => {
    await using engine = await startEngine()
    using client = await engine.connect()

    await client.send(get)
    await client.readResponse()
    leave(client)
    await engine.told('close')

    expect(engine.heads.available).toBeGreaterThan(0)
    expect(headsOf(engine)).toBe(engine.heads.available)
  })
})

/** Distinct heads that wait for use: one that was given back twice would be counted once. */
function headsOf({ heads }: Engine): number {
  const taken = new Set(Array.from({ length: heads.available }, () => heads.take()))
  for (const head of taken) heads.release(head)
  return taken.size
}
