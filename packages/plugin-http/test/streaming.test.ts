import { createHash, type Hash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { chunked, Reply, startUpstream, type UpstreamExchange, unread } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { startBehind } from './behind.ts'

/** 64 MiB, or what the environment says. */
const totalBytes = Number(process.env['GATEWRIGHT_TRANSFER_BYTES'] ?? 64 * 2 ** 20)
const pieceBytes = 2 ** 16
const timeout = 30_000 + totalBytes / 20_000

describe('a stream', () => {
  it('reaches the client piece by piece, each before the next one is made', async () => {
    const arrived = [0, 1, 2].map(() => Promise.withResolvers<void>())
    async function* pieces(): AsyncGenerator<string> {
      for (const [index, { promise }] of arrived.entries()) {
        yield `event ${index}\n`
        await promise
      }
    }
    await using upstream = await startUpstream(
      chunked(200, { 'content-type': 'text/event-stream' }, pieces),
    )
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    await client.readHead()
    for (const [index, { resolve }] of arrived.entries()) {
      expect(await client.readUntil('\r\n')).toBe('8\r\n')
      expect(await client.readUntil('\r\n')).toBe(`event ${index}\n\r\n`)
      resolve()
    }

    expect(await client.readUntil('0\r\n\r\n')).toBe('0\r\n\r\n')
  })

  it('reaches the client as soon as its head is there', async () => {
    const first = Promise.withResolvers<void>()
    async function* pieces(): AsyncGenerator<string> {
      await first.promise
      yield 'late'
    }
    await using upstream = await startUpstream(chunked(200, {}, pieces))
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    const head = await client.readHead()
    first.resolve()
    let text = ''
    await client.readBody(head, (bytes) => {
      text += bytes.toString()
    })

    expect(text).toBe('late')
  })

  it('goes up while the response comes down', async () => {
    const echo = new Reply(async (exchange) => {
      const { request, write } = exchange
      await write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n')
      const complete = exchange.readBody()
      for (let seen = 0; seen < 6; await nextTurn()) {
        const news = request.body.subarray(seen)
        if (news.length > 0) await write(news)
        seen += news.length
      }
      await complete
    })
    await using upstream = await startUpstream(echo)
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\n')
    await client.readHead()
    for (const letters of ['ab', 'cd', 'ef']) {
      await client.send(letters)
      expect((await client.readBytes(2)).toString()).toBe(letters)
    }
  })
})

describe('somebody who does not read', () => {
  it('stops the upstream, if it is the client', async () => {
    let written = 0
    const pouring = new Reply(async ({ write }) => {
      await write('HTTP/1.1 200 OK\r\nContent-Length: 268435456\r\n\r\n')
      for (let i = 0; i < 4096; i++) {
        await write(Buffer.alloc(pieceBytes))
        written += pieceBytes
      }
    })
    await using upstream = await startUpstream(pouring)
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()
    client.pause()

    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')

    // Four buffers of the system and little else; a quarter of a gigabyte would be all.
    expect(await stable(() => written)).toBeLessThan(64 * 2 ** 20)
  })

  it('stops the client, if it is the upstream', async () => {
    await using upstream = await startUpstream(
      unread(new Promise(() => undefined), chunked(200, {}, [])),
    )
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 268435456\r\n\r\n')
    await upstream.nextHead()
    let sent = 0
    for (let i = 0; i < 4096; i++) {
      void client.send(Buffer.alloc(pieceBytes)).then(() => {
        sent += pieceBytes
      })
    }

    expect(await stable(() => sent)).toBeLessThan(64 * 2 ** 20)
  })
})

describe(`${totalBytes / 2 ** 20} MiB`, () => {
  it.each(['length', 'chunks'])('come down unharmed, in %s', { timeout }, async (framing) => {
    const sent = createHash('sha256')
    const framed = framing === 'length'
    const reply = new Reply(async (exchange) => {
      await exchange.write(
        `HTTP/1.1 200 OK\r\n${framed ? `Content-Length: ${totalBytes}` : 'Transfer-Encoding: chunked'}\r\n\r\n`,
      )
      await pour(exchange, sent, framed)
    })
    await using upstream = await startUpstream(reply)
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()
    const received = createHash('sha256')

    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    let bytes = 0
    await client.readBody(await client.readHead(), (piece) => {
      bytes += piece.length
      received.update(piece)
    })

    expect(bytes).toBe(totalBytes)
    expect(received.digest('hex')).toBe(sent.digest('hex'))
  })

  it.each(['length', 'chunks'])('go up unharmed, in %s', { timeout }, async (framing) => {
    const sent = createHash('sha256')
    const received = createHash('sha256')
    const framed = framing === 'length'
    let bytes = 0
    const digesting = new Reply(async (exchange) => {
      exchange.request.take = (piece: Buffer) => {
        bytes += piece.length
        received.update(piece)
      }
      await exchange.readBody()
      await exchange.write('HTTP/1.1 204 No Content\r\n\r\n')
    })
    await using upstream = await startUpstream(digesting)
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send(
      `PUT / HTTP/1.1\r\nHost: h\r\n${framed ? `Content-Length: ${totalBytes}` : 'Transfer-Encoding: chunked'}\r\n\r\n`,
    )
    await pour({ write: (piece) => client.send(piece) }, sent, framed)
    const response = await client.readResponse()

    expect(response.status).toBe(204)
    expect(bytes).toBe(totalBytes)
    expect(received.digest('hex')).toBe(sent.digest('hex'))
  })
})

/** Pieces that differ from each other, so that a swapped one shows. */
async function pour(
  { write }: Pick<UpstreamExchange, 'write'>,
  hash: Hash,
  framed: boolean,
): Promise<void> {
  for (let index = 0; index < totalBytes / pieceBytes; index++) {
    const piece = Buffer.alloc(pieceBytes, `${index} `)
    hash.update(piece)
    if (framed) await write(piece)
    else await write(Buffer.concat([Buffer.from('10000\r\n'), piece, Buffer.from('\r\n')]))
  }
  if (!framed) await write('0\r\n\r\n')
}

/** A number once it has not changed for many turns of the event loop. */
async function stable(look: () => number): Promise<number> {
  let before = Number.NaN
  for (;;) {
    const now = look()
    if (now === before) return now
    before = now
    for (let turn = 0; turn < 500; turn++) await nextTurn()
  }
}
