import { createGunzip, type Gunzip } from 'node:zlib'
import { poolFile, type RawClient, reply, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { EventStream, nextPiece, open } from './event-stream.ts'

describe('a stream', () => {
  it('is not compressed if nobody asks for it', async () => {
    const stream = new EventStream()
    await using upstream = await startUpstream(stream.reply)
    const config = poolFile([upstream.url], {
      service: 'streaming {}',
      middlewares: ['smaller'],
      blocks: 'middlewares "smaller" {\ntype = "compress"\n}',
    })
    await using gateway = await startGateway(config)
    using client = await gateway.connect()

    const headers = await open(client, 'Accept-Encoding: gzip\r\n')
    stream.send('data: 1\n\n')

    expect(headers['content-encoding']).toBeUndefined()
    expect(await nextPiece(client)).toBe('data: 1\n\n')
  })

  it.each(['text/event-stream', 'application/x-ndjson', 'application/vnd.acme.log+json'])(
    'of %s arrives event by event if it is compressed',
    async (type) => {
      const stream = new EventStream(type)
      await using upstream = await startUpstream(stream.reply)
      const config = poolFile([upstream.url], {
        service: `streaming {\ncontent_types = ["${type}"]\n}`,
        middlewares: ['smaller'],
        // What is not flushed at once would come in an hour.
        blocks: `middlewares "smaller" {
          type                   = "compress"
          excluded_content_types = []
          flush_interval         = "1h"
        }`,
      })
      await using gateway = await startGateway(config)
      using client = await gateway.connect()

      const headers = await open(client, 'Accept-Encoding: gzip\r\n')
      const decoder = createGunzip().setEncoding('utf8')
      const arrived: string[] = []
      for (const event of ['{"n":1}\n', '{"n":2}\n', '{"n":3}\n']) {
        stream.send(event)
        arrived.push(await nextText(client, decoder))
      }

      expect(headers['content-encoding']).toBe('gzip')
      expect(arrived).toEqual(['{"n":1}\n', '{"n":2}\n', '{"n":3}\n'])
      decoder.destroy()
    },
  )

  it('is retried until it has begun, and then passed on as it comes', async () => {
    const stream = new EventStream()
    await using upstream = await startUpstream([reply(503), stream.reply])
    const config = poolFile([upstream.url], {
      service: 'streaming {}',
      middlewares: ['again'],
      blocks: `middlewares "again" {
        type              = "retry"
        max_retries       = 1
        retry_interval_ms = 1
      }`,
    })
    await using gateway = await startGateway(config)
    using client = await gateway.connect()

    await open(client)
    const arrived: string[] = []
    for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
      stream.send(event)
      arrived.push(await nextPiece(client))
    }

    expect(arrived).toEqual(['data: 1\n\n', 'data: 2\n\n'])
    expect(upstream.requests).toHaveLength(2)
  })

  it('does not wait for its shadow, whose stream is read and thrown away', async () => {
    const stream = new EventStream()
    const shadow = new EventStream()
    await using upstream = await startUpstream(stream.reply)
    await using other = await startUpstream(shadow.reply)
    const config = poolFile([upstream.url], {
      service: 'streaming {}\nmirror {\nservice = "shadow"\n}',
      blocks: `services "shadow" {
        load_balancer {
          servers = [{ url = "${other.url}" }]
        }
        streaming {
          idle_timeout = "50ms"
        }
      }`,
    })
    await using gateway = await startGateway(config)
    using client = await gateway.connect()

    await open(client)
    const shadowed = await other.nextRequest()
    stream.send('data: 1\n\n')
    const first = await nextPiece(client)
    // The shadow is silent, and given up.
    await shadowed.gone
    stream.send('data: 2\n\n')

    expect(first).toBe('data: 1\n\n')
    expect(await nextPiece(client)).toBe('data: 2\n\n')
    const { services } = gateway.gateway.snapshot
    await vi.waitFor(() => expect(services.get('shadow')?.pool.all[0]?.active).toBe(0))
  })
})

/** What the decoder gives for the next chunks, as soon as it gives anything. */
async function nextText(client: RawClient, decoder: Gunzip): Promise<string> {
  for (;;) {
    const size = Number.parseInt(await client.readUntil('\r\n'), 16)
    const piece = await client.readBytes(size)
    await client.readUntil('\r\n')
    await new Promise((done) => decoder.write(piece, done))
    // It has an encoding, so it gives text.
    const text = decoder.read() as string | null
    if (text !== null) return text
  }
}
